package cablestream.cable.jetty;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The notifications that the owner of a socket has received: the first outcome of the dial counts.
 * While one thread reports that the socket is open, Jetty may report its end to another thread that
 * aborts. Any thread; each method returns whether the caller must deliver the notification.
 */
final class DialNotifications {
  private enum State {
    NOTHING,
    FAILED,
    OPENING,
    OPEN,
    /** The thread that reports the opening also reports the end. */
    ENDED_WHILE_OPENING
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.NOTHING);

  /** The dial has failed. */
  boolean failed() {
    return state.compareAndSet(State.NOTHING, State.FAILED);
  }

  /** The socket is open; {@link #opened} follows. */
  boolean opening() {
    return state.compareAndSet(State.NOTHING, State.OPENING);
  }

  /**
   * The opening was reported; false if the caller must also report the end, which has come since.
   */
  boolean opened() {
    return state.compareAndSet(State.OPENING, State.OPEN);
  }

  /**
   * The socket has ended; false if nobody was told that it is open, or if another thread reports
   * the end, as it is just reporting the opening.
   */
  boolean ended() {
    return !state.compareAndSet(State.OPENING, State.ENDED_WHILE_OPENING)
        && state.get() == State.OPEN;
  }
}
