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
 * What a session has to send to its cable: commands that are held until they may go, and frames
 * that the socket hasn't taken yet, both charged for as long as they wait. Inside the mailbox only.
 */
public final class Outgoing {
  private final Cable cable;
  private final EventLog log;
  private final Holder holder;
  private final int maxUnsentBytes;

  /** Of the commands that are held. */
  private long heldBytes;

  /**
   * @param log whether it is full decides whether the cable is read
   * @param maxUnsentBytes of all that waits
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

  /** Whether the cable is open and read, so that its answers can be heard. */
  boolean isReading() {
    return cable.isOpen() && !log.isFull();
  }

  /** Whether so much more is more than may wait. */
  boolean isBusyWith(long more) {
    return isBusyWith(more, 1);
  }

  /** The same with so many times what may wait. */
  boolean isBusyWith(long more, int times) {
    return cable.unsentBytes() + heldBytes + more > (long) times * maxUnsentBytes;
  }

  /** What is said then. */
  String busy() {
    return "the cable is busy: more than " + maxUnsentBytes + " bytes wait to be sent";
  }

  /**
   * Adds a command to those that wait.
   *
   * @return false if there is no memory for it to wait, and nothing has been done
   */
  boolean hold(Deque<Slot> waiting, Slot slot) {
    long size = slot.command().size();
    boolean taken = holder.take(Kind.COMMAND, size);
    if (taken) {
      heldBytes += size;
      slot.hold();
      waiting.add(slot);
    }
    return taken;
  }

  /** Those that wait, in order; none does afterwards. */
  Deque<Slot> release(Deque<Slot> waiting) {
    Deque<Slot> released = new ArrayDeque<>(waiting);
    waiting.clear();
    for (Slot slot : released) {
      long size = slot.command().size();
      heldBytes -= size;
      holder.giveBack(Kind.COMMAND, size);
      slot.release();
    }
    return released;
  }

  /**
   * Has the cable send a frame; {@link Cable#send}.
   *
   * @return false if there is no memory for it to wait, and nothing has been done
   */
  boolean send(String frame, Consumer<String> done) {
    long weight = SessionWeights.outgoing(frame);
    boolean taken = holder.take(Kind.COMMAND, weight);
    if (taken) {
      cable.send(
          frame,
          why -> {
            holder.giveBack(Kind.COMMAND, weight);
            done.accept(why);
          });
    }
    return taken;
  }
}
