package cablestream.protocol;

import cablestream.browser.Command;
import cablestream.concurrent.Alarm;
import cablestream.environment.SessionWeights;
import cablestream.log.EventEncoder;
import cablestream.log.Identifier;
import java.util.ArrayDeque;
import java.util.Deque;

/** One subscription of a session, and the commands that wait for its outcome. */
public final class Subscription {
  /**
   * The state of a subscription.
   *
   * <pre>
   *      ┌───────────────── confirmed ──────────────────────┐
   *      │                                                  ▼
   * SUBSCRIBING ── nothing for 10 s ──▶ UNCONFIRMED ──▶ CONFIRMED
   *      ▲  ▲                                │     however late
   *      │  └──────── subscribed again ──────┘              │
   *      └──── welcomed ──── LOST ◀──── the cable was lost ─┘ (from any)
   * </pre>
   *
   * A rejected one doesn't exist any more, nor does one that was unsubscribed.
   */
  enum State {
    SUBSCRIBING,
    CONFIRMED,
    UNCONFIRMED,
    LOST
  }

  final Identifier identifier;
  final byte[] receivedHead;
  final Alarm repeat;
  final Deque<PendingBatch.Slot> held = new ArrayDeque<>(1);
  State state = State.SUBSCRIBING;

  /** How long the present attempt has been unanswered while the cable was read, in nanoseconds. */
  long unanswered;

  /** When that was last updated. */
  long counted;

  /** The delay of the next repetition, in milliseconds. */
  long pause;

  /** Whether the next confirmation follows a lost cable. */
  boolean again;

  Subscription(Identifier identifier, Alarm repeat) {
    this.identifier = identifier;
    this.repeat = repeat;
    receivedHead = EventEncoder.receivedHead(identifier);
  }

  /** Its size in the heap, in bytes. */
  long weight() {
    return SessionWeights.subscription(identifier, receivedHead.length);
  }

  /** Whether a command has to wait behind an unsubscribe. */
  boolean holdsUnsubscribe() {
    return held.stream().anyMatch(slot -> slot.kind() == Command.Kind.UNSUBSCRIBE);
  }
}
