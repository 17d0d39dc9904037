package cablestream.protocol;

import cablestream.memory.Kind;
import cablestream.protocol.PendingBatch.Slot;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Commands that wait for their subscription's outcome; with those that wait for the socket they are
 * so large and no larger. Inside the mailbox only.
 */
final class HeldCommands {
  private final SessionContext session;
  private long bytes;

  HeldCommands(SessionContext session) {
    this.session = session;
  }

  /** Lets it wait, or fails it. */
  boolean hold(Subscription subscription, Slot slot) {
    long size = slot.command().size();
    if (isBusyWith(size) || !session.holder().take(Kind.COMMAND, size)) {
      slot.done(busy());
      return false;
    }
    bytes += size;
    slot.hold();
    subscription.held.add(slot);
    return true;
  }

  /** Those of a subscription, in order; none waits afterwards. */
  Deque<Slot> take(Subscription subscription) {
    Deque<Slot> held = new ArrayDeque<>(subscription.held);
    subscription.held.clear();
    for (Slot slot : held) {
      long size = slot.command().size();
      bytes -= size;
      session.holder().giveBack(Kind.COMMAND, size);
      slot.release();
    }
    return held;
  }

  /** Whether so much more is more than may wait. */
  boolean isBusyWith(long more) {
    return session.cable().unsentBytes() + bytes + more > session.limits().maxUnsentBytes();
  }

  /** What is said then. */
  String busy() {
    return "the cable is busy: more than "
        + session.limits().maxUnsentBytes()
        + " bytes wait to be sent";
  }
}
