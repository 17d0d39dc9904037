package cablestream.http.relay;

import java.util.Arrays;

/**
 * Which of a sender's numbers have arrived, as in RFC 4303 (3.4.3): those far behind the highest
 * count as arrived. Not thread-safe.
 */
final class ReplayWindow {
  /** Requests to one node may overtake one another on their connections, but not this many. */
  static final int WIDTH = 65_536;

  private final long[] seen = new long[WIDTH / Long.SIZE];
  private long highest;

  /** Whether the number arrives for the first time, as far as is known. */
  boolean admits(long number) {
    if (number <= highest - WIDTH) {
      return false;
    }
    while (highest < number && number - highest < WIDTH) {
      highest++;
      clear(highest);
    }
    if (highest < number) {
      Arrays.fill(seen, 0);
      highest = number;
    }
    int bit = (int) (number % WIDTH);
    boolean first = (seen[bit >> 6] & 1L << bit) == 0;
    seen[bit >> 6] |= 1L << bit;
    return first;
  }

  private void clear(long number) {
    int bit = (int) (number % WIDTH);
    seen[bit >> 6] &= ~(1L << bit);
  }
}
