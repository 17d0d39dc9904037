package cablestream.delivery;

import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.environment.Observer;

/**
 * When a session's events are written, and how long they have waited for it: at once after a pause,
 * else all that have gathered together, since a system call costs more than an event. Inside the
 * mailbox only.
 */
final class FlushSchedule {
  /** A session that has been idle for so long is written to at once. */
  private static final long IDLE_NANOS = 200_000;

  /** Between two events whose wait is measured. */
  private static final long PAUSE_NANOS = 1_000_000_000;

  private final Timers timers;
  private final Mailbox mailbox;
  private final Observer observer;
  private final Runnable flush;
  private boolean scheduled;
  private long latest;

  /** Whether events wait for the next flush, and when the first of them was appended. */
  private boolean gathers;

  private long gathersSince;

  /**
   * How long events wait for their listener is measured with one at a time and one a second at
   * most: keeping the time of each would cost more than sending it. The event's number; 0 while
   * none is measured.
   */
  private long measured;

  /** When it, or else the one before, was appended. */
  private long measuredSince;

  /**
   * @param flush writes to all what waits for them; tells of it by {@link #begins}, {@link
   *     #delivered} and {@link #ends}
   */
  FlushSchedule(Timers timers, Observer observer, Mailbox mailbox, Runnable flush) {
    this.timers = timers;
    this.observer = observer;
    this.mailbox = mailbox;
    this.flush = flush;
    long now = timers.nanoTime();
    latest = now - IDLE_NANOS;
    measuredSince = now - PAUSE_NANOS;
  }

  /**
   * An event was appended: flushes now, or soon together with those that follow at once.
   *
   * @param end the event's number
   * @param isHeard whether anybody listens
   */
  void appended(long end, boolean isHeard) {
    if (scheduled) {
      return;
    }
    long now = timers.nanoTime();
    if (measured == 0 && now - measuredSince >= PAUSE_NANOS) {
      measured = end;
      measuredSince = now;
    }
    if (!isHeard) {
      return;
    }
    gathers = true;
    gathersSince = now;
    if (now - latest >= IDLE_NANOS) {
      latest = now;
      flush.run();
    } else {
      scheduled = true;
      mailbox.defer(flush);
    }
  }

  void begins() {
    if (scheduled) {
      scheduled = false;
      latest = timers.nanoTime();
    }
  }

  /** Some of what had gathered has been written. */
  void delivered(Observer.Transport transport) {
    if (gathers) {
      observer.delivered(transport, timers.nanoTime() - gathersSince);
    }
  }

  void ends() {
    gathers = false;
  }

  /** All up to this event's number has been written to somebody. */
  void writtenUpTo(long position, Observer.Transport transport) {
    if (measured != 0 && measured <= position) {
      measured = 0;
      observer.waited(transport, timers.nanoTime() - measuredSince);
    }
  }
}
