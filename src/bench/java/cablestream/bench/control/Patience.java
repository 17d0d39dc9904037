package cablestream.bench.control;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits while there is progress. */
public final class Patience {
  private static final long CHECK_MILLIS = 20;

  /** The limit of a wait, even with progress. */
  private static final long LONGEST_NANOS = 90_000_000_000L;

  private Patience() {}

  /**
   * Waits until a condition holds, or there has been no progress for a while.
   *
   * @param progress a value that changes while there is progress
   * @param patience nanoseconds
   */
  public static void waitFor(BooleanSupplier done, Supplier<Long> progress, long patience) {
    long seen = -1;
    long last = System.nanoTime() + LONGEST_NANOS;
    long deadline = System.nanoTime() + patience;
    while (!done.getAsBoolean() && System.nanoTime() < Math.min(deadline, last)) {
      long now = progress.get();
      if (now != seen) {
        seen = now;
        deadline = System.nanoTime() + patience;
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(CHECK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
