package cablestream.session;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Counts what may happen to thousands of sessions at once, so that the log gets a line a minute for
 * each kind at most, the first at once. Any thread.
 */
public final class Tallies<K extends Enum<K>> {
  private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

  private static final class Tally {
    private long toldAt;
    private long times;
  }

  private final Timers timers;
  private final Map<K, Tally> tallies;

  public Tallies(Class<K> kinds, Timers timers) {
    this.timers = timers;
    tallies = new EnumMap<>(kinds);
  }

  /** How often it has happened since the last line, this time included; 0 while no line is due. */
  public synchronized long due(K kind) {
    long now = timers.nanoTime();
    Tally tally = tallies.get(kind);
    if (tally == null) {
      tally = new Tally();
      tally.toldAt = now - PAUSE;
      tallies.put(kind, tally);
    }
    tally.times++;
    if (now - tally.toldAt < PAUSE) {
      return 0;
    }
    long times = tally.times;
    tally.toldAt = now;
    tally.times = 0;
    return times;
  }
}
