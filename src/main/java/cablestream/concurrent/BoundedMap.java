package cablestream.concurrent;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map with a largest number of entries: one more removes the oldest. Not thread-safe. */
public final class BoundedMap<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int most;

  private BoundedMap(int most, boolean byUse) {
    super(16, 0.75f, byUse);
    this.most = most;
  }

  /** Removes the entry that was inserted first. */
  public static <K, V> BoundedMap<K, V> byAge(int most) {
    return new BoundedMap<>(most, false);
  }

  /** Removes the least recently used entry. */
  public static <K, V> BoundedMap<K, V> byUse(int most) {
    return new BoundedMap<>(most, true);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
