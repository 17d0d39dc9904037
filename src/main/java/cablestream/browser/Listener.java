package cablestream.browser;

import cablestream.log.Event;
import cablestream.memory.Holder;
import java.util.List;

/**
 * One attached stream or poll: the port to the browser. Its methods are called inside the session's
 * mailbox; it answers through its {@link Attachment}. First exactly one of {@code accepted} and
 * {@code refused} is called, once, or of a stream {@code postponed}; a poll that was accepted is
 * answered later.
 */
public sealed interface Listener {
  /** The request is not carried out; nothing follows. */
  void refused(Refusal refusal);

  /** What goes where there is no event, so that nobody takes the stream for dead. */
  enum Heartbeat {
    /** Which no client sees. */
    COMMENT,
    /** An event of its own type, for clients that watch. */
    PING
  }

  /** A stream of events. */
  non-sealed interface Stream extends Listener {
    /**
     * In place of a refusal: the stream succeeds, says when to come back, and ends.
     *
     * @param retryMillis how long after its end
     */
    void postponed(long retryMillis);

    /**
     * Refuses it, or postpones it where that says when to come back: for an EventSource any status
     * but 200 is final. A tunnel's client is a script, which knows what to do with a status.
     */
    default void turnedAway(Refusal refusal, Mode mode) {
      if (refusal.comeBackMillis() > 0 && mode == Mode.CHANNELS) {
        postponed(refusal.comeBackMillis());
      } else {
        refused(refusal);
      }
    }

    /** The session took it: status and headers may go. Called before anything is written. */
    void accepted(Acceptance acceptance, Attachment attachment);

    /** Whether it takes another event now. Once false, {@link Attachment#writable} follows. */
    boolean isReady();

    /**
     * Takes an event; only after {@link #isReady} said true. It may keep some of it back until
     * {@link #flush} or until it can be written: a copy of what is no longer than {@link
     * Event#COPIED}, as others will be written to the same place; of what is longer the array
     * itself, which nobody will change.
     */
    void write(Event event);

    /** Takes how long after its end the stream had best come back; as {@link #write}. */
    void comeBackAfter(long milliseconds);

    /**
     * Takes the first part of a heartbeat; as {@link #write}. A heartbeat goes in two parts: the
     * first write to a client that has gone succeeds and makes its system answer with a reset, the
     * second one fails.
     */
    void beginHeartbeat(Heartbeat heartbeat);

    /** Takes the second part; nothing else was taken since the first one. */
    void endHeartbeat(Heartbeat heartbeat);

    /** Lets go of what was taken. */
    void flush();

    /** Ends the response once what was taken is written. */
    void finish();

    /** Ends it at once, whatever is left unwritten. */
    void abort();

    /**
     * How many bytes the container has taken so far; a stream whose number stands still is stalled.
     */
    long progress();

    /**
     * Whether all that was taken has been written, without a failure so far. Once writing has
     * failed, or was given up, with something left: never again.
     */
    boolean isThrough();

    /**
     * Whether nothing has come back for so long of what was sent, not even its receipt, that
     * whoever listened is gone with his network. False where that can't be told.
     */
    default boolean isLost() {
      return false;
    }
  }

  /** A long poll: answered once. */
  non-sealed interface Poll extends Listener {
    /**
     * The session took it and will answer later; the attachment tells it when the caller has gone.
     */
    void accepted(Acceptance acceptance, Attachment attachment);

    /** Whether there is memory for such an answer, which then follows; else ask for less. */
    boolean reserve(PollAnswer answer);

    /** The answer, to be copied before this returns; nothing follows. */
    void answer(PollAnswer answer);
  }

  /**
   * What a listener needs to know of the session that took it.
   *
   * @param origin the origin with which the session was opened
   * @param holder the session; its children hold answers that may be taken later than it ends
   */
  record Acceptance(String sessionId, String origin, Holder holder) {
    /** What operators and log lines name the session by: nobody gets in with it. */
    public String hash() {
      return Digest.of(sessionId).hex(4);
    }
  }

  /**
   * What a poll is answered with; protocol section 4.
   *
   * @param dropped how many events can't be replayed; null where that can't be known
   * @param channels the chan_ids of the confirmed subscriptions
   */
  record PollAnswer(
      String sessionId, List<Event> events, Long dropped, int queueLength, List<String> channels) {}

  /** A listener's way back into its session; from any thread. */
  interface Attachment {
    /** The stream is ready again. */
    void writable();

    /** The caller has gone, or writing failed; nothing will be written any more. */
    void gone();
  }
}
