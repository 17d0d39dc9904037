package cablestream.delivery;

import cablestream.concurrent.Mailbox;
import cablestream.concurrent.Timers;
import cablestream.environment.Environment;
import cablestream.environment.Observer;

/**
 * When a session's events are written, and how long they have waited for it: at once after a pause,
 * else all that have gathered together, since a system call costs more than an event. Inside the
 * mailbox only.
 */
final class FlushSchedule {
  /** A session that has been idle for so long is written to at once. */
  private static final long IDLE_NANOS = 200_000;

  private final Timers timers;
  private final Mailbox mailbox;
  private final Observer observer;
  private final Runnable flush;
  private final WaitSample wait;
  private boolean scheduled;
  private long latest;

  /** Whether events wait for the next flush, and when the first of them was appended. */
  private boolean gathers;

  private long gathersSince;

  /**
   * @param flush writes to all what waits for them; tells of it by {@link #begins}, {@link
   *     #delivered} and {@link #ends}
   */
  FlushSchedule(Environment environment, Mailbox mailbox, Runnable flush) {
    timers = environment.timers();
    observer = environment.observer();
    this.mailbox = mailbox;
    this.flush = flush;
    latest = timers.nanoTime() - IDLE_NANOS;
    wait = new WaitSample(timers.nanoTime());
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
    wait.appended(end, now);
    if (!isHeard) {
      return;
    }
    gathers = true;
    gathersSince = now;
    if (now - latest >= IDLE_NANOS) {
      flush.run();
    } else {
      scheduled = true;
      mailbox.defer(flush);
    }
  }

  void begins() {
    scheduled = false;
    latest = timers.nanoTime();
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
    if (wait.isWithin(position)) {
      observer.waited(transport, wait.end(timers.nanoTime()));
    }
  }
}
