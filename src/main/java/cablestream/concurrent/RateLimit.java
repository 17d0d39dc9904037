package cablestream.concurrent;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Counts what may happen to thousands of sessions at once, so that the log gets a line a minute for
 * each kind at most: the first at once, and what came after it when the minute is over, whether
 * anything more happens or not. Any thread; at most one timer a kind.
 */
public final class RateLimit<K extends Enum<K>, D> {
  private static final long PAUSE_MILLIS = TimeUnit.MINUTES.toMillis(1);

  /** Writes the line. */
  public interface Teller<K, D> {
    /**
     * Called by whoever counted, or by the timer's thread.
     *
     * @param times how often it has happened since the last line, 1 or more
     * @param latest what was known of the latest of them
     */
    void tell(K kind, long times, D latest);
  }

  private final class Tally {
    private final K kind;

    // Guarded by this.
    private boolean pausing;
    private long times;
    private D latest;

    private Tally(K kind) {
      this.kind = kind;
    }

    private void count(D detail) {
      synchronized (this) {
        if (pausing) {
          times++;
          latest = detail;
          return;
        }
        pausing = true;
      }
      teller.tell(kind, 1, detail);
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
        teller.tell(kind, counted, detail);
        pause();
      }
    }
  }

  private final Timers timers;
  private final Teller<K, D> teller;
  private final Map<K, Tally> tallies;

  /**
   * @param kinds each is limited for itself
   * @param teller is called now and then, with what came since
   */
  public RateLimit(Class<K> kinds, Timers timers, Teller<K, D> teller) {
    this.timers = timers;
    this.teller = teller;
    tallies = new EnumMap<>(kinds);
    for (K kind : kinds.getEnumConstants()) {
      tallies.put(kind, new Tally(kind));
    }
  }

  /** It has happened once more. */
  public void count(K kind, D detail) {
    tallies.get(kind).count(detail);
  }
}
