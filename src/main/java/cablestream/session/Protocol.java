package cablestream.session;

import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.cable.DialRequest;
import cablestream.concurrent.Alarm;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.memory.Holder;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a session speaks: the classic API's channels, or a tunnel's frames. Inside the mailbox only.
 */
interface Protocol {
  /** What the protocol needs of its session. */
  interface Owner {
    EventEncoder encoder();

    /** The number of the event that is appended next. */
    long nextNumber();

    void append(Event event);

    Cable cable();

    /** What is held for the session. */
    Holder holder();

    /** Dials again with these headers from now on, if there is memory to keep them. */
    void use(DialRequest request);

    /**
     * Has the cable send a frame; {@link Cable#send}.
     *
     * @return false if there is no memory for it to wait, and nothing has been done
     */
    boolean send(String frame, Consumer<String> done);

    /** Whether the cable is open and read, so that its answers can be heard. */
    boolean isReading();

    Alarm alarm();

    long nanoTime();

    Limits limits();

    Observer observer();

    /** Something that the other side can't be spared: a tunnel is over. */
    void breakOff(Event last);
  }

  /** The event that greets a stream. */
  Event greeting(long position, boolean resumed);

  /** The last event of a listener that another has replaced. */
  Event replaced();

  /** The last event of a session that was ended on purpose. */
  Event ended();

  /** The bridge is about to drain: whoever can go elsewhere may do so before it ends. */
  default void drainAhead() {}

  /**
   * The last event of a session that can't go on for a listener whose place in the log is lost;
   * null where it can, and a gap is announced.
   */
  default Event unresumable() {
    return null;
  }

  /** The event that ends a poll when the bridge drains. */
  Event drained();

  /**
   * What ends a stream then.
   *
   * @param retryMillis when it is best to come back
   */
  byte[] drainedStream(long retryMillis);

  /** The cable is welcomed. */
  void welcomed(boolean again);

  /** {@code confirm_subscription} has come. */
  default void confirmed(String identifier) {}

  /** {@code reject_subscription} has come. */
  default void rejected(String identifier) {}

  /** A channel's message has come. */
  default void received(String identifier, byte[] frame, int from, int to) {}

  /** A tunnel's frame has come. */
  default void frame(byte[] text) {}

  /** A frame was lost. */
  void unreadable(String why);

  /** The cable was lost and is dialled again. */
  void dropped(String reason);

  /**
   * The cable is over: tells what has to be told before the last event.
   *
   * @return the last event
   */
  Event cableEnded(CableEnding ending);

  /** The session ends: what is still held fails. */
  void close();

  /** Starts to carry out the commands; their outcomes arrive in the batch. */
  void carryOut(PendingBatch batch);

  /** The chan_ids of the confirmed subscriptions. */
  List<String> channels();
}
