package cablestream.hardening;

import java.util.Arrays;

/** Records how long requests had to wait. Thread-safe. */
final class Waits {
  // Guarded by this.
  private long[] nanos = new long[4_096];
  private int count;

  synchronized void add(long waited) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = waited;
  }

  synchronized int count() {
    return count;
  }

  synchronized long worstMillis() {
    return Arrays.stream(nanos, 0, count).max().orElse(0) / 1_000_000;
  }

  /** The 99th percentile, in milliseconds. */
  synchronized long p99Millis() {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return count == 0 ? 0 : sorted[(count - 1) * 99 / 100] / 1_000_000;
  }

  synchronized void forget() {
    count = 0;
  }
}
