package cablestream.cable;

import java.time.Duration;

/**
 * When a cable counts as lost, and how long to wait before it is dialled again. Pure: clock and
 * random come as arguments.
 *
 * @param leastBackoff the longest wait after the first failure
 * @param mostBackoff the longest wait after many
 */
public record ReconnectPolicy(Duration leastBackoff, Duration mostBackoff) {

  /**
   * How long to wait, in milliseconds. The bound doubles with each failure; the wait is a random
   * part of it, at least half, so that sessions which lost the same server don't come back in step.
   *
   * @param failures in a row, 1 or more
   * @param random from 0 to 1 (exclusive)
   */
  long backoff(int failures, double random) {
    int doublings = Math.min(failures - 1, 30);
    long bound = Math.min(leastBackoff.toMillis() << doublings, mostBackoff.toMillis());
    return Math.round(bound * (0.5 + random / 2));
  }

  /**
   * How many failures in a row a loss makes. A cable that lived longer than any wait starts anew; a
   * server that welcomes everybody and falls over at once is still backed off from.
   *
   * @param before the failures before the cable was welcomed
   * @param lived nanoseconds from the welcome to the loss
   */
  int failures(int before, long lived) {
    return lived >= mostBackoff.toNanos() ? 1 : before + 1;
  }

  /**
   * How long a cable that is being read may still be silent, in milliseconds, rounded up; 0 if it
   * is stale.
   *
   * @param patience how long it may be silent altogether
   * @param since when it was asked for a frame, or last heard, as {@link System#nanoTime} tells
   * @param now the same clock's present time
   */
  static long left(Duration patience, long since, long now) {
    long left = patience.toNanos() - (now - since);
    return left <= 0 ? 0 : (left + 999_999) / 1_000_000;
  }
}
