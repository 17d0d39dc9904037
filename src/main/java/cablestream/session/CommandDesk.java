package cablestream.session;

import java.util.List;

/**
 * Takes a session's POSTs in, and sees that each is carried out once; protocol sections 3 and 7.
 */
final class CommandDesk {
  private final Dialogue.Owner session;
  private final Dialogue dialogue;
  private final IdempotencyKeys keys = new IdempotencyKeys();

  CommandDesk(Dialogue.Owner session, Dialogue dialogue) {
    this.session = session;
    this.dialogue = dialogue;
  }

  void carryOut(CommandBatch commands, Listener.Acceptance acceptance, CommandReply reply) {
    String key = commands.idempotencyKey();
    if (key == null) {
      begin(commands, acceptance, reply);
      return;
    }
    IdempotencyKeys.Known known = keys.begin(key, commands.body());
    if (known instanceof IdempotencyKeys.Known.Answered answered) {
      reply.answered(acceptance, answered.results());
    } else if (known instanceof IdempotencyKeys.Known.Running) {
      reply.refused(
          new Refusal(409, "the first request with this key is still being carried out", 1));
    } else if (known instanceof IdempotencyKeys.Known.OtherBody) {
      reply.refused(new Refusal(422, "this key was used with another body"));
    } else if (known instanceof IdempotencyKeys.Known.TooMany) {
      reply.refused(new Refusal(503, "too many requests of this session are being carried out", 1));
    } else {
      begin(commands, acceptance, reply);
    }
  }

  private void begin(CommandBatch commands, Listener.Acceptance acceptance, CommandReply reply) {
    long seconds = session.limits().confirm().toSeconds();
    PendingBatch batch =
        new PendingBatch(commands.commands(), acceptance.sessionId(), session.alarm());
    dialogue.carryOut(batch);
    batch.await(
        session.limits().confirm().toMillis(),
        "not confirmed within " + seconds + " s",
        results -> {
          count(commands, results);
          if (commands.idempotencyKey() != null) {
            keys.finish(commands.idempotencyKey(), results);
          }
          reply.answered(acceptance, results);
        });
  }

  private void count(CommandBatch batch, List<CommandResult> results) {
    for (int i = 0; i < results.size(); i++) {
      session.observer().commanded(batch.commands().get(i).kind(), results.get(i).error() != null);
    }
  }
}
