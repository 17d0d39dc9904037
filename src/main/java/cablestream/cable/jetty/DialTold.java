package cablestream.cable.jetty;

import java.util.concurrent.atomic.AtomicReference;

/**
 * What the owner of a socket has been told: the first outcome of the dial counts, and Jetty may
 * tell of the end, to whoever aborts, while another thread still tells that it is open. Any thread;
 * each question says what is about to be told, and true where it is to be.
 */
final class DialTold {
  private enum Told {
    NOTHING,
    OPENING,
    OUTCOME,
    /** Whoever tells that it is open tells of the end, too. */
    ENDED_WHILE_OPENING
  }

  private final AtomicReference<Told> told = new AtomicReference<>(Told.NOTHING);

  /** That the dial has failed. */
  boolean outcome() {
    return told.compareAndSet(Told.NOTHING, Told.OUTCOME);
  }

  /** That it is open; {@link #opened} follows. */
  boolean opening() {
    return told.compareAndSet(Told.NOTHING, Told.OPENING);
  }

  /**
   * That it is open has been told; false where the end is to be told, too, as it has come since.
   */
  boolean opened() {
    return told.compareAndSet(Told.OPENING, Told.OUTCOME);
  }

  /** That it is over; true where another thread tells it, as it is just telling that it is open. */
  boolean endedWhileOpening() {
    return told.compareAndSet(Told.OPENING, Told.ENDED_WHILE_OPENING);
  }
}
