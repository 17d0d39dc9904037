package cablestream.stress;

import static cablestream.stress.Threads.together;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnJre;
import org.junit.jupiter.api.condition.JRE;

/** Former races of this project, each in a few lines: Lincheck finds them. */
class KnownRacesInterleavings {
  /** Two sessions saw room for one dial, and both dialled. */
  @Test
  void aPlaceThatIsLookedForAndThenTakenIsTakenTwice() {
    assertThat(
            Interleavings.oneFails(
                () -> {
                  AtomicBoolean taken = new AtomicBoolean();
                  AtomicInteger owners = new AtomicInteger();
                  Runnable take =
                      () -> {
                        if (!taken.get()) {
                          taken.set(true);
                          owners.incrementAndGet();
                        }
                      };
                  together(take, take);
                  require(owners.get() == 1, "taken twice");
                }))
        .contains("taken twice");
  }

  private static final class Budget {
    private volatile boolean exceeded;

    boolean takeExceeded() {
      boolean was = exceeded;
      exceeded = false;
      return was;
    }
  }

  /** A survey of all sessions missed one that paused between its two steps. */
  @Test
  @EnabledOnJre(
      value = JRE.JAVA_17,
      disabledReason =
          "On Java 21 Lincheck 3.7 sees no field being read or written, so this one isn't found")
  void aFlagThatIsReadAndThenClearedForgetsWhatSetItMeanwhile() {
    assertThat(
            Interleavings.oneFails(
                () -> {
                  Budget budget = new Budget();
                  boolean[] seen = {false};
                  together(() -> budget.exceeded = true, () -> seen[0] = budget.takeExceeded());
                  require(seen[0] || budget.takeExceeded(), "forgotten");
                }))
        .contains("forgotten");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
