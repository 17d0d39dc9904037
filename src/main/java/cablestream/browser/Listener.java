package cablestream.browser;

import cablestream.log.Event;
import cablestream.memory.Holder;
import java.util.List;

/**
 * One attached stream or poll: the port to the browser. Its methods are called inside the session's
 * mailbox; a refusal before there is a session, by any thread. It calls back through its {@link
 * Attachment}. The first call is exactly one of {@code accepted}, {@code refused} and, for a
 * stream, {@code postponed}; a poll that was accepted is answered later.
 */
public sealed interface Listener {
  /** The request is refused; no other call follows. */
  void refused(Refusal refusal);

  /**
   * Whether the client, or the proxy in front of the bridge, has closed its connection or its half
   * of it. False if that is unknown.
   */
  default boolean isClosedByPeer() {
    return false;
  }

  /** What is sent while there are no events, so that the stream isn't considered dead. */
  enum Heartbeat {
    /** A comment, invisible to clients. */
    COMMENT,
    /** An event of its own type, for clients that check for it. */
    PING
  }

  /** A stream of events. */
  non-sealed interface Stream extends Listener {
    /**
     * Instead of a refusal: the response is successful, announces when to reconnect, and ends.
     *
     * @param retryMillis the delay after its end
     */
    void postponed(long retryMillis);

    /**
     * Refuses it, or postpones it if the refusal has a time to reconnect: for an EventSource any
     * status but 200 is final. A tunnel's client is a script, which handles statuses.
     */
    default void refusedOrPostponed(Refusal refusal, Mode mode) {
      if (refusal.comeBackMillis() > 0 && mode == Mode.CHANNELS) {
        postponed(refusal.comeBackMillis());
      } else {
        refused(refusal);
      }
    }

    /** The session has accepted it: status and headers may be sent. Called before any write. */
    void accepted(Acceptance acceptance, Attachment attachment);

    /** Whether it accepts another event now. Once false, {@link Attachment#writable} follows. */
    boolean isReady();

    /**
     * Writes an event; only after {@link #isReady} returned true. It may be buffered until {@link
     * #flush} or until the socket is writable: up to {@link Event#COPIED} bytes as a copy, since
     * the array is reused, a larger one as the array itself, which never changes.
     */
    void write(Event event);

    /** Writes the delay after which the client should reconnect; as {@link #write}. */
    void comeBackAfter(long milliseconds);

    /**
     * Writes the first part of a heartbeat; as {@link #write}. A heartbeat has two parts: the first
     * write to a client that has disconnected succeeds and makes its system answer with a reset, so
     * the second one fails.
     */
    void beginHeartbeat(Heartbeat heartbeat);

    /** Writes the second part; nothing was written since the first one. */
    void endHeartbeat(Heartbeat heartbeat);

    /** Sends what is buffered. */
    void flush();

    /** Ends the response once everything is written. */
    void finish();

    /** Ends the response at once, even with unwritten data. */
    void abort();

    /**
     * The number of bytes that the container has accepted so far; if it doesn't grow, the stream is
     * stalled.
     */
    long progress();

    /**
     * Whether everything has been written, without a failure so far. After a failure, or if writing
     * was given up, with data left: false from then on.
     */
    boolean isThrough();

    /**
     * Whether the client's system hasn't acknowledged sent data for so long that the client and its
     * network must be gone. False if that is unknown.
     */
    default boolean isLost() {
      return false;
    }
  }

  /** A long poll: answered once. */
  non-sealed interface Poll extends Listener {
    /**
     * The session has accepted it and will answer later; the attachment reports when the caller has
     * disconnected.
     */
    void accepted(Acceptance acceptance, Attachment attachment);

    /** Reserves memory for the answer, which then follows; if false, a smaller one may fit. */
    boolean reserve(PollAnswer answer);

    /** Sends the answer, which is copied before this returns; no other call follows. */
    void answer(PollAnswer answer);
  }

  /**
   * What a listener needs from the session that has accepted it.
   *
   * @param hash the session's name in log lines and for operators; it gives no access
   * @param origin the origin that opened the session
   * @param holder the session's memory; its children are responses that may outlive it
   */
  record Acceptance(String sessionId, String hash, String origin, Holder holder) {}

  /**
   * The answer to a poll; protocol section 4.
   *
   * @param dropped how many events can't be replayed; null if unknown
   * @param channels the chan_ids of the confirmed subscriptions
   */
  record PollAnswer(
      String sessionId, List<Event> events, Long dropped, int queueLength, List<String> channels) {}

  /** A listener's callbacks into its session; from any thread. */
  interface Attachment {
    /** The stream is ready again. */
    void writable();

    /** The caller has disconnected or a write has failed; nothing can be written any more. */
    void gone();
  }
}
