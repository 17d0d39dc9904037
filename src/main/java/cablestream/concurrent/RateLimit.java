package cablestream.concurrent;

import java.util.concurrent.TimeUnit;

/**
 * Counts what may happen to thousands of sessions at once, so that the log gets a line a minute at
 * most: the first at once, and what came after it when the minute is over, whether anything more
 * happens or not. Any thread; at most one timer.
 */
public final class RateLimit<D> {
  private static final long PAUSE_MILLIS = TimeUnit.MINUTES.toMillis(1);

  /** Writes the line. */
  public interface Teller<D> {
    /**
     * Called by whoever counted, or by the timer's thread.
     *
     * @param times how often it has happened since the last line, 1 or more
     * @param latest what was known of the latest of them
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
   * @param teller is called now and then, with what came since
   */
  public RateLimit(Timers timers, Teller<D> teller) {
    this.timers = timers;
    this.teller = teller;
  }

  /** It has happened once more. */
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
