package cablestream.delivery;

import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.environment.Observer;

/**
 * Decides when a session's events are written, and measures how long they wait: at once after a
 * pause, otherwise together with those that have gathered, since a system call costs more than an
 * event. Inside the mailbox only.
 */
final class FlushSchedule {
  /** After an idle time of this length an event is written at once. */
  private static final long IDLE_NANOS = 200_000;

  /** The time between two events whose wait is measured. */
  private static final long PAUSE_NANOS = 1_000_000_000;

  private final Timers timers;
  private final Mailbox mailbox;
  private final Observer observer;
  private final Runnable write;
  private boolean scheduled;
  private long latest;

  /** Whether events wait for the next flush, and when the first of them was appended. */
  private boolean gathers;

  private long gathersSince;

  /**
   * The number of the event whose wait is measured; 0 for none. At most one at a time and one a
   * second is measured: storing the time of each event would cost more than sending it.
   */
  private long measured;

  /** When that event, or the previous one measured, was appended. */
  private long measuredSince;

  /**
   * @param write writes what waits to all listeners, and reports it by {@link #delivered}
   */
  FlushSchedule(Timers timers, Observer observer, Mailbox mailbox, Runnable write) {
    this.timers = timers;
    this.observer = observer;
    this.mailbox = mailbox;
    this.write = write;
    long now = timers.nanoTime();
    latest = now - IDLE_NANOS;
    measuredSince = now - PAUSE_NANOS;
  }

  /**
   * An event was appended: flushes now, or soon together with the next ones.
   *
   * @param end the event's number
   * @param hasListeners whether there are listeners
   */
  void appended(long end, boolean hasListeners) {
    if (scheduled) {
      return;
    }
    long now = timers.nanoTime();
    if (measured == 0 && now - measuredSince >= PAUSE_NANOS) {
      measured = end;
      measuredSince = now;
    }
    if (!hasListeners) {
      return;
    }
    gathers = true;
    gathersSince = now;
    if (now - latest >= IDLE_NANOS) {
      latest = now;
      flush();
    } else {
      scheduled = true;
      mailbox.defer(this::flush);
    }
  }

  /** Writes what waits to all listeners, now. */
  void flush() {
    if (scheduled) {
      scheduled = false;
      latest = timers.nanoTime();
    }
    write.run();
    gathers = false;
  }

  /** Some of the gathered events were written. */
  void delivered(Observer.Transport transport) {
    if (gathers) {
      observer.delivered(transport, timers.nanoTime() - gathersSince);
    }
  }

  /** All events up to this number were written to a listener. */
  void writtenUpTo(long position, Observer.Transport transport) {
    if (measured != 0 && measured <= position) {
      measured = 0;
      observer.waited(transport, timers.nanoTime() - measuredSince);
    }
  }
}
