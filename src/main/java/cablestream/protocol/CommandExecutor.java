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

  static final Refusal TOO_MANY =
      new Refusal(429, "too many requests of this session are being carried out", 1);

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
    if (pending.size() >= MAX_PENDING) {
      reply.refused(TOO_MANY);
      return;
    }
    if (!hasSpare && !holder.reserve(Kind.LISTENER, responseBytes)) {
      reply.refused(new Refusal(503, "too many requests are being carried out", 5));
      return;
    }
    hasSpare = false;
    String key = commands.idempotencyKey();
    IdempotencyKeys.Known known = key == null ? null : keys.begin(key, commands.body());
    if (known == null) {
      begin(commands, acceptance, reply);
      return;
    }
    holder.release(Kind.LISTENER, responseBytes);
    if (known.refusal() != null) {
      reply.refused(known.refusal());
    } else {
      reply.answered(acceptance, known.results());
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

  private void begin(CommandBatch commands, Listener.Acceptance acceptance, CommandReply reply) {
    long weight = SessionWeights.REQUEST + SessionWeights.SLOT * commands.commands().size();
    holder.force(Kind.COMMAND, weight);
    pending.add(reply);
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
          pending.remove(reply);
          holder.release(Kind.COMMAND, weight);
          holder.release(Kind.LISTENER, responseBytes);
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
