package cablestream.protocol;

import cablestream.cable.Cable;
import cablestream.environment.SessionWeights;
import cablestream.log.EventLog;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.protocol.PendingBatch.Slot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * What a session has to send to its cable: commands that must wait, and frames that the socket
 * hasn't accepted yet. Both are charged while they wait. Inside the mailbox only.
 */
public final class Outgoing {
  private final Cable cable;
  private final EventLog log;
  private final Holder holder;
  private final int maxUnsentBytes;

  /** Bytes of the waiting commands. */
  private long heldBytes;

  /**
   * @param log if it is full, the cable isn't read
   * @param maxUnsentBytes the limit of all that waits
   */
  public Outgoing(Cable cable, EventLog log, Holder holder, int maxUnsentBytes) {
    this.cable = cable;
    this.log = log;
    this.holder = holder;
    this.maxUnsentBytes = maxUnsentBytes;
  }

  boolean isOpen() {
    return cable.isOpen();
  }

  /** Whether the cable is open and read, so that responses arrive. */
  boolean isReading() {
    return cable.isOpen() && !log.isFull();
  }

  /** Whether this many more bytes would exceed what may wait. */
  boolean isBusyWith(long more) {
    return isBusyWith(more, 1);
  }

  /** The same with a multiple of what may wait. */
  boolean isBusyWith(long more, int times) {
    return cable.unsentBytes() + heldBytes + more > (long) times * maxUnsentBytes;
  }

  /** The error in that case. */
  String busy() {
    return "the cable is busy: more than " + maxUnsentBytes + " bytes wait to be sent";
  }

  /**
   * Adds a command to the waiting ones.
   *
   * @return false if there is no memory for it, and nothing was done
   */
  boolean hold(Deque<Slot> waiting, Slot slot) {
    long size = slot.command().size();
    boolean reserved = holder.reserve(Kind.COMMAND, size);
    if (reserved) {
      heldBytes += size;
      slot.hold();
      waiting.add(slot);
    }
    return reserved;
  }

  /** Removes and returns the waiting commands, in order. */
  Deque<Slot> release(Deque<Slot> waiting) {
    Deque<Slot> released = new ArrayDeque<>(waiting);
    waiting.clear();
    for (Slot slot : released) {
      long size = slot.command().size();
      heldBytes -= size;
      holder.release(Kind.COMMAND, size);
      slot.release();
    }
    return released;
  }

  /**
   * Sends a frame to the cable; {@link Cable#send}.
   *
   * @return false if there is no memory for it, and nothing was done
   */
  boolean send(String frame, Consumer<String> done) {
    long weight = SessionWeights.outgoing(frame);
    boolean reserved = holder.reserve(Kind.COMMAND, weight);
    if (reserved) {
      cable.send(
          frame,
          why -> {
            holder.release(Kind.COMMAND, weight);
            done.accept(why);
          });
    }
    return reserved;
  }
}
