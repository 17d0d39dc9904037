package cablestream.concurrent;

import java.util.concurrent.TimeUnit;

/**
 * Counts events that may happen to thousands of sessions at once, so that the log gets at most one
 * line a minute: the first event at once, and later ones when the minute is over. Any thread; at
 * most one timer.
 */
public final class RateLimit<D> {
  private static final long PAUSE_MILLIS = TimeUnit.MINUTES.toMillis(1);

  /** Writes the line. */
  public interface Teller<D> {
    /**
     * Called by the counting thread or by the timer's thread.
     *
     * @param times the number of events since the last line, 1 or more
     * @param latest the details of the latest one
     */
    void tell(long times, D latest);
  }

  private final Timers timers;
  private final Teller<D> teller;

  // Guarded by this.
  private boolean pausing;
  private long times;
  private D latest;

  /**
   * @param teller writes a line for the events since the last one
   */
  public RateLimit(Timers timers, Teller<D> teller) {
    this.timers = timers;
    this.teller = teller;
  }

  /** Counts one event. */
  public void count(D detail) {
    synchronized (this) {
      if (pausing) {
        times++;
        latest = detail;
        return;
      }
      pausing = true;
    }
    teller.tell(1, detail);
    pause();
  }

  private void pause() {
    timers.after(PAUSE_MILLIS, this::goOn);
  }

  private void goOn() {
    long counted;
    D detail;
    synchronized (this) {
      counted = times;
      detail = latest;
      times = 0;
      latest = null;
      pausing = counted > 0;
    }
    if (counted > 0) {
      teller.tell(counted, detail);
      pause();
    }
  }
}
