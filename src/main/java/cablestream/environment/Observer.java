package cablestream.environment;

import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.Fallback;
import cablestream.cable.DialObserver;

/**
 * Hears what happens, to count it. Called by any thread, from inside mailboxes and for every event:
 * it must not block, and {@link #logged} and {@link #written} must not allocate.
 */
public interface Observer extends DialObserver {
  /** Counts nothing. */
  Observer NOBODY = new Observer() {};

  /** How a listener listens. */
  enum Transport {
    STREAM,
    POLL
  }

  /** Why a session ended. */
  enum Ending {
    /** DELETE or the farewell. */
    CLIENT,
    /** Nobody listened for the linger time. */
    LINGER,
    /** Nobody listened, and there was no room for others. */
    EVICTED,
    /** Its first dial failed. */
    DIAL_FAILED,
    /** The ActionCable server ended it, or a tunnel's cable closed. */
    CABLE,
    /** A tunnel that couldn't go on as a WebSocket would. */
    BROKEN,
    /** The bridge was drained. */
    DRAIN,
    /** An operator closed it. */
    OPERATOR,
    /** Another bridge has it. */
    MOVED,
    /** The bridge was stopped. */
    STOP
  }

  /**
   * A session has come into being; it hasn't dialled yet.
   *
   * @param transport of the request that opened it
   */
  default void opened(ClientTransport transport) {}

  /** A tunnel was opened in the place of a WebSocket, and will dial. */
  default void fellBack(Fallback reason) {}

  /** A session is over; once for each that was opened. */
  default void ended(Ending ending) {}

  /** A listener was let in. */
  default void attached(Transport transport) {}

  /** A listener has left; once for each that was attached. */
  default void left(Transport transport) {}

  /** An event was added to a session's log. */
  default void logged(int bytes) {}

  /** Events of a log were handed to a listener's container. */
  default void written(Transport transport, long events) {}

  /**
   * Events that had gathered were written as far as the listeners took them.
   *
   * @param nanoseconds since the oldest of them was read from the cable; how long a listener takes
   *     nothing is not in it
   */
  default void delivered(Transport transport, long nanoseconds) {}

  /**
   * An event whose wait was measured, one a second of each session at most, was given to a
   * listener: the first that took it.
   *
   * @param nanoseconds since it was appended to the log, whether anybody listened or not
   */
  default void waited(Transport transport, long nanoseconds) {}

  /**
   * A command has been carried out, or has failed.
   *
   * @param failed whether the answer to its POST says so
   */
  default void commanded(Command.Kind kind, boolean failed) {}

  /**
   * A welcomed cable was lost, and is dialled again.
   *
   * @param reason any text: the server's own, or the bridge's
   */
  default void cableLost(String reason) {}

  /**
   * Events can't be replayed, and it was announced.
   *
   * @param dropped how many; null where that can't be known
   */
  default void gap(Long dropped) {}

  /** Commands came for an events-id that was never seen here. */
  default void unknown() {}

  /** A listener was cut off that took nothing. */
  default void stalled() {}

  /**
   * A request was answered with an error.
   *
   * @param status the HTTP status, 400 or more
   */
  default void refused(int status) {}
}
