package cablestream.environment;

import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.Fallback;
import cablestream.cable.CableEnding;

/**
 * Receives what happens, for counting. Called by any thread, from inside mailboxes and for every
 * event: it must not block, and {@link #logged} and {@link #written} must not allocate.
 */
public interface Observer {
  /** Counts nothing. */
  Observer NONE = new Observer() {};

  /** A listener's transport. */
  enum Transport {
    STREAM,
    POLL
  }

  /** The kind of request that opened a session, under which its dials are counted. */
  enum OpenedBy {
    STREAM,
    /** A long poll, or the POST of a client that polls. */
    POLL,
    /** A tunnel, over any transport: its dial ends before the server's welcome. */
    TUNNEL
  }

  /** Why a session ended. */
  enum Ending {
    /** DELETE or the page's farewell. */
    CLIENT,
    /** It had no listener for the linger time, or its clients left before its first dial. */
    LINGER,
    /** It had no listener, and others needed its room. */
    EVICTED,
    /** Its first dial failed. */
    DIAL_FAILED,
    /** The Action Cable server ended it, or a tunnel's cable closed. */
    CABLE,
    /** A tunnel that couldn't resume as a WebSocket would. */
    BROKEN,
    /** The bridge was drained. */
    DRAIN,
    /** An operator closed it. */
    OPERATOR,
    /** Another node has it. */
    MOVED,
    /** The bridge was stopped. */
    STOP
  }

  /**
   * A session was created; it hasn't dialled yet.
   *
   * @param transport the transport of the request that opened it
   */
  default void opened(ClientTransport transport) {}

  /** A tunnel was opened in place of a WebSocket, and will dial. */
  default void fellBack(Fallback reason) {}

  /** A session has ended; once for each that was opened. */
  default void ended(Ending ending) {}

  /** A listener was accepted. */
  default void attached(Transport transport) {}

  /** A listener has left; once for each that was attached. */
  default void left(Transport transport) {}

  /** An event was added to a session's log. */
  default void logged(int bytes) {}

  /** Events of a log were written to a listener's container. */
  default void written(Transport transport, long events) {}

  /**
   * Events that had gathered were written as far as the listeners were ready.
   *
   * @param nanoseconds since the oldest of them was read from the cable, without the time in which
   *     a listener isn't ready
   */
  default void delivered(Transport transport, long nanoseconds) {}

  /**
   * An event was written to the first listener that was ready. At most one a second is measured in
   * each session.
   *
   * @param nanoseconds since it was appended to the log, with listeners or without
   */
  default void waited(Transport transport, long nanoseconds) {}

  /**
   * A command has succeeded or failed.
   *
   * @param failed whether its POST reports an error
   */
  default void commanded(Command.Kind kind, boolean failed) {}

  /**
   * A dial has ended.
   *
   * @param openedBy the kind of request that opened its session
   * @param failure null for the server's welcome
   * @param again whether the session had been welcomed before
   * @param nanoseconds its duration
   */
  default void dialled(
      OpenedBy openedBy, CableEnding.Kind failure, boolean again, long nanoseconds) {}

  /**
   * A welcomed cable was lost, and will be dialled again.
   *
   * @param reason any text: the server's or the bridge's
   */
  default void cableLost(String reason) {}

  /**
   * A gap was announced: events can't be replayed.
   *
   * @param dropped how many; null if unknown
   */
  default void gap(Long dropped) {}

  /** Commands arrived for an events-id that was never seen here. */
  default void unknown() {}

  /** A stalled listener was disconnected. */
  default void stalled() {}

  /**
   * A request returned an error.
   *
   * @param status the HTTP status, 400 or more
   */
  default void refused(int status) {}
}
