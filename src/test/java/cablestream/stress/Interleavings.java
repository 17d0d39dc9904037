package cablestream.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;

/**
 * Runs a scenario in one interleaving of its threads after another, with Lincheck: it switches
 * threads at accesses to shared state, first in few places, then in more. The interleavings are the
 * same each time, so that a test doesn't fail at random; more of them search deeper.
 *
 * <p>A scenario creates all that it uses, including its threads, and throws in case of a violation.
 * Time stands still in it. Each read sees the last write: a missing {@code volatile} isn't found.
 */
public final class Interleavings {
  private static final int FEW = 200;
  private static final int MANY = 5_000;
  private static final Duration LONG = Duration.ofSeconds(Integer.getInteger("stress.seconds", 0));

  private Interleavings() {}

  /** No tried interleaving fails; with {@code -Dstress.seconds=…} as many as fit into that time. */
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

  /** An interleaving fails: returns the violation and the interleaving. */
  public static String oneFails(Runnable scenario) {
    LincheckAssertionError found = failing(scenario, MANY);
    assertThat(found).as("what is found").isNotNull();
    return found.getMessage();
  }

  private static LincheckAssertionError failing(Runnable scenario, int count) {
    LincheckAssertionError found = attempt(scenario, count);
    // Lincheck also reports a hang after half a minute, which is possible on a busy machine. A real
    // hang occurs again.
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
