package cablestream.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;

/**
 * Runs a scenario in one interleaving of its threads after another, by Lincheck: it switches from
 * thread to thread at whatever they share, first in few places, then in more. They are the same
 * each time, so that a test doesn't fail by luck; the more of them, the deeper.
 *
 * <p>A scenario makes all that it uses, its threads too, and throws what is wrong. Time stands
 * still in it. Every read sees the last write: what a missing {@code volatile} does isn't found
 * here.
 */
public final class Interleavings {
  private static final int FEW = 200;
  private static final int MANY = 5_000;
  private static final Duration LONG = Duration.ofSeconds(Integer.getInteger("stress.seconds", 0));

  private Interleavings() {}

  /** None that is tried fails; with {@code -Dstress.seconds=…} as many as fit into that time. */
  public static void noneFails(Runnable scenario) {
    long end = System.nanoTime() + LONG.toNanos();
    int count = FEW;
    long took;
    do {
      long started = System.nanoTime();
      LincheckAssertionError found = failing(scenario, count);
      if (found != null) {
        throw found;
      }
      took = System.nanoTime() - started;
      count *= 2;
      // The next round begins with the same ones, and takes twice as long.
    } while (System.nanoTime() + 2 * took < end);
  }

  /** One of them fails: the fault that is found, and how it comes about. */
  public static String oneFails(Runnable scenario) {
    LincheckAssertionError found = failing(scenario, MANY);
    assertThat(found).as("what is found").isNotNull();
    return found.getMessage();
  }

  private static LincheckAssertionError failing(Runnable scenario, int count) {
    LincheckAssertionError found = attempt(scenario, count);
    // It also calls hung what takes half a minute, as it may where many want the processor. What
    // really hangs does so again.
    return found != null && found.getMessage().contains("has hung")
        ? attempt(scenario, count)
        : found;
  }

  private static LincheckAssertionError attempt(Runnable scenario, int count) {
    try {
      Lincheck.runConcurrentTest(count, scenario);
      return null;
    } catch (LincheckAssertionError e) {
      return e;
    }
  }
}
