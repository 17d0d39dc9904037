package cablestream.cable.jetty;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The notifications that the owner of a socket has received: the first outcome of the dial counts.
 * While one thread reports that the socket is open, Jetty may report its end to another thread that
 * aborts. Any thread; each method returns whether the caller must deliver the notification.
 */
final class DialTold {
  private enum Told {
    NOTHING,
    OPENING,
    OUTCOME,
    /** The thread that reports the opening also reports the end. */
    ENDED_WHILE_OPENING
  }

  private final AtomicReference<Told> told = new AtomicReference<>(Told.NOTHING);

  /** The dial has failed. */
  boolean outcome() {
    return told.compareAndSet(Told.NOTHING, Told.OUTCOME);
  }

  /** The socket is open; {@link #opened} follows. */
  boolean opening() {
    return told.compareAndSet(Told.NOTHING, Told.OPENING);
  }

  /**
   * The opening was reported; false if the caller must also report the end, which has come since.
   */
  boolean opened() {
    return told.compareAndSet(Told.OPENING, Told.OUTCOME);
  }

  /**
   * The socket has ended; true if another thread reports it, as it is just reporting the opening.
   */
  boolean endedWhileOpening() {
    return told.compareAndSet(Told.OPENING, Told.ENDED_WHILE_OPENING);
  }
}
