package cablestream.cable;

import java.time.Duration;

/**
 * The limit of simultaneous dials. It starts low, grows while welcomes arrive promptly, and is
 * halved when a dial gets none, like TCP's congestion window (RFC 5681). So a server that is short
 * of workers gets as many dials as it welcomes in time: an abandoned dial costs the server as much
 * as a successful one. The others wait in the bridge, where their order is fair. Not thread-safe.
 */
final class DialLimit {
  /** The number of {@code connect} calls that each process of Rails runs at once. */
  static final int INITIAL = 4;

  /** The number of welcomes after which older ones no longer count as the fastest. */
  private static final int MEASURED = 100;

  /** The factor by which the limit grows more slowly near its latest failure. */
  private static final int CAUTION = 8;

  private final int max;

  /** A faster welcome is no sign of a queue at the server. */
  private final long promptNanos;

  private final long slowNanos;

  private double limit;

  /** Below it, each prompt welcome adds one; above it, as many as are underway add one together. */
  private double threshold;

  /** The limit at the latest failure, which is approached more slowly. */
  private int failing;

  /** The fastest of the latest welcomes, and of the welcomes since then. */
  private long minNanos;

  private long minSince;
  private int welcomesSince;

  /** The latest welcomed dial, and the latest that had begun when the limit was halved. */
  private long welcomed;

  private long halved;

  /**
   * @param max the largest limit, 1 or more
   * @param patience how long a dial waits for its welcome
   */
  DialLimit(int max, Duration patience) {
    this.max = max;
    promptNanos = patience.toNanos() / 10;
    slowNanos = patience.toNanos() / 4;
    restart();
  }

  /** Starts again: the server was replaced or restarted. */
  void restart() {
    limit = Math.min(INITIAL, max);
    threshold = max;
    failing = Integer.MAX_VALUE;
    minNanos = Long.MAX_VALUE;
    minSince = Long.MAX_VALUE;
    welcomesSince = 0;
  }

  /** The present limit, 1 or more. */
  int dials() {
    return (int) limit;
  }

  /**
   * A dial was welcomed.
   *
   * @param number of the dial, in order of their starts
   * @param nanos its duration
   * @param needed whether other dials wait for it to end
   */
  void welcomed(long number, long nanos, boolean needed) {
    welcomed = Math.max(welcomed, number);
    measure(nanos);
    boolean prompt = nanos <= promptNanos;
    if (needed && (prompt || nanos <= minNanos + minNanos / 2)) {
      double more = prompt && limit < threshold ? 1 : 1 / limit;
      boolean isNext = dials() == failing - 1;
      limit = Math.min(max, limit + (isNext ? more / CAUTION : more));
    }
  }

  /**
   * Two, so that a dial without a welcome doesn't block all others; one if a single worker would be
   * late with the second.
   */
  private int min() {
    return minNanos < Long.MAX_VALUE && minNanos > slowNanos ? 1 : Math.min(2, max);
  }

  /** Forgets how fast the server was before it became slower for all. */
  private void measure(long nanos) {
    minSince = Math.min(minSince, nanos);
    minNanos = Math.min(minNanos, nanos);
    if (++welcomesSince == MEASURED) {
      minNanos = minSince;
      minSince = Long.MAX_VALUE;
      welcomesSince = 0;
    }
  }

  /**
   * A dial got no welcome. The server may have too many; not if it has welcomed one that began
   * later.
   *
   * @param number of the dial
   * @param latest the number of the latest dial that has begun
   * @return whether the server was probably overloaded
   */
  boolean failed(long number, long latest) {
    if (number < welcomed) {
      return false;
    }
    if (number > halved) {
      // Once for all that were underway together.
      halved = latest;
      failing = dials();
      limit = Math.max(min(), limit / 2);
      threshold = Math.max(limit, Math.min(INITIAL, max));
    }
    return true;
  }
}
