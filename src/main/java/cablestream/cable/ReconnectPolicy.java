package cablestream.cable;

import java.time.Duration;

/**
 * When a cable counts as lost, and how long to wait before it is dialled again. Pure: the clock and
 * random numbers are arguments.
 *
 * @param minBackoff the longest wait after the first failure
 * @param maxBackoff the longest wait after many
 */
public record ReconnectPolicy(Duration minBackoff, Duration maxBackoff) {

  /**
   * How long to wait, in milliseconds. The bound doubles with each failure; the wait is a random
   * part of it, at least half, so that sessions that lost the same server don't reconnect at the
   * same times.
   *
   * @param failures in a row, 1 or more
   * @param random from 0 to 1 (exclusive)
   */
  long backoff(int failures, double random) {
    int doublings = Math.min(failures - 1, 30);
    long bound = Math.min(minBackoff.toMillis() << doublings, maxBackoff.toMillis());
    return Math.round(bound * (0.5 + random / 2));
  }

  /**
   * The number of failures in a row after a loss. A cable that lived longer than any wait starts
   * again at 1; a server that welcomes every cable and fails at once still causes longer waits.
   *
   * @param before the failures before the cable was welcomed
   * @param lived nanoseconds from the welcome to the loss
   */
  int failures(int before, long lived) {
    return lived >= maxBackoff.toNanos() ? 1 : before + 1;
  }

  /**
   * The remaining time of permitted silence of a cable that is being read, in milliseconds, rounded
   * up; 0 if it is stale.
   *
   * @param patience the longest silence
   * @param since the time of the demand or the latest frame, as {@link System#nanoTime}
   * @param now the present time, as {@link System#nanoTime}
   */
  static long left(Duration patience, long since, long now) {
    long left = patience.toNanos() - (now - since);
    return left <= 0 ? 0 : (left + 999_999) / 1_000_000;
  }
}
