package cablestream.protocol;

import cablestream.browser.Refusal;
import cablestream.cable.CableEnding;
import cablestream.cable.CableFrame;
import cablestream.delivery.LastEvents;
import cablestream.log.Event;
import java.util.List;
import java.util.Map;

/**
 * The protocol of a session: the classic API's channels, or a tunnel's frames. Inside the mailbox
 * only.
 */
public interface Protocol {
  /** The refusal of a request that uses the other protocol. */
  Refusal mismatch();

  /** Whether a session waits for the server's welcome before it answers. */
  boolean waitsForWelcome();

  /**
   * Whether clients reconnect after a drain. If not, nothing follows, and a client that comes too
   * late also receives the last event.
   */
  boolean comesBack();

  /** The event that greets a stream. */
  Event greeting(long position, boolean resumed);

  /** The last event of a listener that was replaced by another. */
  Event replaced();

  /** The last event of a session that was ended on purpose. */
  Event ended();

  /**
   * The last event of listeners whose session has moved to another node.
   *
   * @param retryMillis the best delay before reconnecting
   */
  LastEvents moved(long retryMillis);

  /** The bridge will drain soon: clients may move to another node before. */
  default void drainAhead() {}

  /**
   * The last event of a listener whose cursor can't be resumed, if the protocol requires every
   * event; null if the session continues after a gap.
   */
  default Event unresumable() {
    return null;
  }

  /**
   * The last event of listeners when the bridge drains.
   *
   * @param retryMillis the best delay before reconnecting
   */
  LastEvents drained(long retryMillis);

  /** The cable is open, for the first time or after {@link #lost}. */
  void opened();

  /** A frame has arrived. */
  void frame(CableFrame frame);

  /** The cable was lost, and will be dialled again. */
  void lost(String reason);

  /**
   * The cable has ended: sends what precedes the last event.
   *
   * @return the last event
   */
  Event cableEnded(CableEnding ending);

  /** The session ends: commands that still wait fail. */
  void close();

  /** Starts to carry out the commands; the batch receives their outcomes. */
  void carryOut(PendingBatch batch);

  /** The chan_ids of the confirmed subscriptions. */
  List<String> channels();

  /** The class names of the confirmed subscriptions' channels by chan_id, where known. */
  Map<String, String> channelNames();
}
