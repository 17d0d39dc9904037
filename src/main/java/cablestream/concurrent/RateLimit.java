package cablestream.concurrent;

import java.util.concurrent.TimeUnit;

/**
 * Counts events that may happen to thousands of sessions at once, so that the log gets at most one
 * line a minute: the first event at once, and later ones when the minute is over. Any thread; at
 * most one timer.
 */
public final class RateLimit<D> {
  private static final long PAUSE_MILLIS = TimeUnit.MINUTES.toMillis(1);

  public interface Line<D> {
    /**
     * Called by the counting thread or by the timer's thread.
     *
     * @param times the number of events since the last line, 1 or more
     * @param latest the details of the latest one
     */
    void write(long times, D latest);
  }

  private final Timers timers;
  private final Line<D> line;

  // Guarded by this.
  private boolean pausing;
  private long times;
  private D latest;

  /**
   * @param line writes a line for the events since the last one
   */
  public RateLimit(Timers timers, Line<D> line) {
    this.timers = timers;
    this.line = line;
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
    line.write(1, detail);
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
      line.write(counted, detail);
      pause();
    }
  }
}
