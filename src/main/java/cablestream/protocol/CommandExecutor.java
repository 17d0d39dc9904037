package cablestream.protocol;

import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.CommandReply;
import cablestream.browser.CommandResult;
import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.concurrent.Alarm;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.environment.Environment;
import cablestream.environment.Observer;
import cablestream.environment.SessionWeights;
import cablestream.environment.Transitions;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Accepts a session's POSTs, and ensures that each is carried out once; protocol sections 3 and 7.
 */
public final class CommandExecutor {
  /**
   * The largest number of requests at once; a client has one or two. Those without a key continue
   * even if no further key can be stored.
   */
  public static final int MAX_PENDING = 128;

  private final Timers timers;
  private final Observer observer;
  private final int responseBytes;
  private final Duration confirm;
  private final Mailbox mailbox;
  private final Holder holder;
  private final Protocol protocol;
  private final IdempotencyKeys keys;
  private final Transitions transitions;

  /** Whether the container's memory for the first request is reserved already. */
  private boolean hasSpare = true;

  /** The replies of requests that wait for outcomes. */
  private final List<CommandReply> pending = new ArrayList<>(0);

  public CommandExecutor(
      Environment environment,
      Mailbox mailbox,
      Holder holder,
      Protocol protocol,
      Transitions transitions) {
    this.transitions = transitions;
    timers = environment.timers();
    observer = environment.observer();
    responseBytes = environment.responseBytes();
    confirm = environment.limits().commands().confirm();
    this.mailbox = mailbox;
    this.holder = holder;
    this.protocol = protocol;
    keys = new IdempotencyKeys(holder);
  }

  public void carryOut(CommandBatch commands, Listener.Acceptance acceptance, CommandReply reply) {
    long weight = SessionWeights.REQUEST + SessionWeights.SLOT * commands.commands().size();
    if (pending.size() >= MAX_PENDING) {
      reply.refused(tooMany());
    } else if (!hasSpare && !holder.reserve(Kind.LISTENER, responseBytes)) {
      reply.refused(new Refusal(503, "too many requests are being carried out", 5));
    } else {
      hasSpare = false;
      holder.force(Kind.COMMAND, weight);
      CommandReply charged = new Charged(reply, weight);
      pending.add(charged);
      carryOutOnce(commands, acceptance, charged);
    }
  }

  /** The session has ended: no more commands will be carried out. */
  public void keepNoSpare() {
    if (hasSpare) {
      hasSpare = false;
      holder.release(Kind.LISTENER, responseBytes);
    }
  }

  /** Whether the client of any waiting request is still connected, as far as is known. */
  public boolean isAwaited() {
    return !pending.stream().allMatch(CommandReply::isClosedByPeer);
  }

  /** Releases a request's memory when it is answered. */
  private final class Charged implements CommandReply {
    private final CommandReply reply;
    private final long weight;

    Charged(CommandReply reply, long weight) {
      this.reply = reply;
      this.weight = weight;
    }

    @Override
    public void answered(Listener.Acceptance acceptance, List<CommandResult> results) {
      release();
      reply.answered(acceptance, results);
    }

    @Override
    public void refused(Refusal refusal) {
      release();
      reply.refused(refusal);
    }

    @Override
    public boolean isClosedByPeer() {
      return reply.isClosedByPeer();
    }

    private void release() {
      pending.remove(this);
      holder.release(Kind.COMMAND, weight);
      holder.release(Kind.LISTENER, responseBytes);
    }
  }

  private void carryOutOnce(
      CommandBatch commands, Listener.Acceptance acceptance, CommandReply reply) {
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
      reply.refused(tooMany());
    } else {
      begin(commands, acceptance, reply);
    }
  }

  private static Refusal tooMany() {
    return new Refusal(429, "too many requests of this session are being carried out", 1);
  }

  private void begin(CommandBatch commands, Listener.Acceptance acceptance, CommandReply reply) {
    String key = commands.idempotencyKey();
    PendingBatch batch =
        new PendingBatch(commands.commands(), acceptance.sessionId(), new Alarm(timers, mailbox));
    protocol.carryOut(batch);
    batch.await(
        confirm.toMillis(),
        "not confirmed within " + confirm.toSeconds() + " s",
        results -> {
          count(batch, results);
          if (key != null) {
            keys.finish(key, results);
          }
          reply.answered(acceptance, results);
        });
  }

  private void count(PendingBatch batch, List<CommandResult> results) {
    for (int i = 0; i < results.size(); i++) {
      Command.Kind kind = batch.slots().get(i).kind();
      boolean failed = results.get(i).error() != null;
      observer.commanded(kind, failed);
      if (failed) {
        transitions.record(Transitions.Step.COMMAND_FAILED, kind);
      }
    }
  }
}
