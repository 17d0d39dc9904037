package cablestream.cable;

import java.time.Duration;

/**
 * How many dials may be underway at once. The number starts low, grows while welcomes come promptly
 * and is halved when a dial gets none, as TCP's congestion window is (RFC 5681). So a server that
 * is short of workers gets as many dials as it welcomes in time: a dial that the bridge gives up
 * costs the server as much as one that succeeds. The others wait in the bridge, where their order
 * is fair. Not safe for use by several threads.
 */
final class DialLimit {
  /** As many as Rails runs {@code connect} for at once, in each of its processes. */
  static final int INITIAL = 4;

  /** Welcomes, after which older ones no longer count as the fastest. */
  private static final int MEASURED = 100;

  /** How many times slower the limit grows to where it failed. */
  private static final int CAUTION = 8;

  private final int most;

  /** A welcome within this time is no sign of a queue at the server. */
  private final long promptNanos;

  private final long slowNanos;

  private double limit;

  /** Below it, each prompt welcome adds one; above it, as many as are underway together do. */
  private double threshold;

  /** So many were too many the last time; that is tried again more slowly. */
  private int failing;

  /** The fastest of the latest welcomes, and of those since then. */
  private long leastNanos;

  private long leastSince;
  private int welcomesSince;

  /** The latest dial that was welcomed, and the latest that had begun when the limit was halved. */
  private long welcomed;

  private long halved;

  /**
   * @param most what the limit never exceeds, 1 or more
   * @param patience how long a dial waits for its welcome
   */
  DialLimit(int most, Duration patience) {
    this.most = most;
    promptNanos = patience.toNanos() / 10;
    slowNanos = patience.toNanos() / 4;
    restart();
  }

  /** Begins anew: the server is another one, or has been restarted. */
  void restart() {
    limit = Math.min(INITIAL, most);
    threshold = most;
    failing = Integer.MAX_VALUE;
    leastNanos = Long.MAX_VALUE;
    leastSince = Long.MAX_VALUE;
    welcomesSince = 0;
  }

  /** Dials at once, 1 or more. */
  int dials() {
    return (int) limit;
  }

  /**
   * A dial was welcomed.
   *
   * @param number of the dial, in the order in which they began
   * @param nanos how long that took
   * @param needed whether others wait for it to end
   */
  void welcomed(long number, long nanos, boolean needed) {
    welcomed = Math.max(welcomed, number);
    measure(nanos);
    boolean prompt = nanos <= promptNanos;
    if (needed && (prompt || nanos <= leastNanos + leastNanos / 2)) {
      double more = prompt && limit < threshold ? 1 : 1 / limit;
      boolean isNext = dials() == failing - 1;
      limit = Math.min(most, limit + (isNext ? more / CAUTION : more));
    }
  }

  /**
   * Two, so that a dial that is never welcomed doesn't keep all others waiting; one where a single
   * worker would be late with the second.
   */
  private int least() {
    return leastNanos < Long.MAX_VALUE && leastNanos > slowNanos ? 1 : Math.min(2, most);
  }

  /** Forgets how fast the server was before it grew slower for all. */
  private void measure(long nanos) {
    leastSince = Math.min(leastSince, nanos);
    leastNanos = Math.min(leastNanos, nanos);
    if (++welcomesSince == MEASURED) {
      leastNanos = leastSince;
      leastSince = Long.MAX_VALUE;
      welcomesSince = 0;
    }
  }

  /**
   * A dial got no welcome. The server may have too many; not if it has welcomed one that began
   * later.
   *
   * @param number of the dial
   * @param latest the number of the latest dial that has begun
   * @return whether it was the server's fault, as far as can be told
   */
  boolean failed(long number, long latest) {
    if (number < welcomed) {
      return false;
    }
    if (number > halved) {
      // Once for all that were underway together.
      halved = latest;
      failing = dials();
      limit = Math.max(least(), limit / 2);
      threshold = Math.max(limit, Math.min(INITIAL, most));
    }
    return true;
  }
}
