package cablestream.protocol;

import cablestream.browser.Refusal;
import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.cable.CableFrame;
import cablestream.delivery.LastEvents;
import cablestream.log.Event;
import java.util.List;
import java.util.Map;

/**
 * What a session speaks: the classic API's channels, or a tunnel's frames. Inside the mailbox only.
 */
public interface Protocol {
  /** Why a request that speaks another one is refused. */
  Refusal mismatch();

  /** Whether a session has to wait for the server's welcome before it answers. */
  boolean waitsForWelcome();

  /**
   * Whether clients come back when they were told of a drain; else nothing follows, and whoever
   * comes too late is told the end as well.
   */
  boolean comesBack();

  /** The event that greets a stream. */
  Event greeting(long position, boolean resumed);

  /** The last event of a listener that another has replaced. */
  Event replaced();

  /** The last event of a session that was ended on purpose. */
  Event ended();

  /**
   * What listeners hear last of a session that is another bridge's from now on.
   *
   * @param retryMillis when it is best to come back
   */
  LastEvents moved(long retryMillis);

  /** The bridge is about to drain: whoever can go elsewhere may do so before it ends. */
  default void drainAhead() {}

  /**
   * The last event of a session that can't go on for a listener whose place in the log is lost;
   * null where it can, and a gap is announced.
   */
  default Event unresumable() {
    return null;
  }

  /**
   * What listeners hear last when the bridge drains.
   *
   * @param retryMillis when it is best to come back
   */
  LastEvents drained(long retryMillis);

  /** The cable is open; {@code again} as in {@link Cable.Owner#opened}. */
  void opened(boolean again);

  /** A frame has come, or was dropped as it is unreadable. */
  void frame(CableFrame frame);

  /** The cable was lost and is dialled again. */
  void lost(String reason);

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

  /** The class names of the confirmed subscriptions' channels by chan_id, where they are known. */
  Map<String, String> channelNames();
}
