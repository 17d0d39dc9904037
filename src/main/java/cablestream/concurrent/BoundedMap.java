package cablestream.concurrent;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map with a largest number of entries: one more removes the oldest. Not thread-safe. */
public final class BoundedMap<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int max;

  private BoundedMap(int max, boolean byUse) {
    super(16, 0.75f, byUse);
    this.max = max;
  }

  /** Removes the entry that was inserted first. */
  public static <K, V> BoundedMap<K, V> byAge(int max) {
    return new BoundedMap<>(max, false);
  }

  /** Removes the least recently used entry. */
  public static <K, V> BoundedMap<K, V> byUse(int max) {
    return new BoundedMap<>(max, true);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > max;
  }
}
