package cablestream.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.NoFaults;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
  private final TimerWheel wheel = new TimerWheel();
  private final List<String> fired = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    wheel.close();
  }

  @Test
  void aTimerFiresAtItsTimeOrUpToOneTickLater() {
    long start = System.nanoTime();
    long[] at = new long[1];
    wheel.after(
        600,
        () -> {
          at[0] = System.nanoTime();
          fired.add("x");
        });
    await().until(() -> fired.size() == 1);
    // The upper bound is loose, as a test machine may stand still; the lower one is a promise.
    assertThat(Duration.ofNanos(at[0] - start))
        .isBetween(Duration.ofMillis(600), Duration.ofMillis(3_000));
  }

  @Test
  void timersFireInTheOrderOfTheirTicksAndCancelledOnesNever() {
    wheel.after(1_200, () -> fired.add("late"));
    wheel.after(0, () -> fired.add("at once"));
    wheel.after(600, () -> fired.add("cancelled")).cancel();
    await().until(() -> fired.contains("late"));
    assertThat(fired).containsExactly("at once", "late");
  }

  @Test
  void aTimerMayOutliveATurnOfTheWheel() {
    wheel.after(Duration.ofSeconds(130).toMillis(), () -> fired.add("too early"));
    wheel.after(2_500, () -> fired.add("in time"));
    await().until(() -> !fired.isEmpty());
    assertThat(fired).containsExactly("in time");
  }

  @Test
  @NoFaults.Expected
  void anErrorInATimerStopsNoOther() {
    for (Error error : List.of(new OutOfMemoryError("of a test"), new StackOverflowError())) {
      wheel.after(
          0,
          () -> {
            throw error;
          });
    }
    wheel.after(500, () -> fired.add("after them"));
    await().until(() -> fired.contains("after them"));
  }

  @Test
  void itTellsHowLateTimersAreThatWaitForOneThatDoesNotReturn() {
    CountDownLatch over = new CountDownLatch(1);
    wheel.after(0, () -> awaitQuietly(over));

    await().until(() -> wheel.lateMillis() > 1_000);
    over.countDown();

    await().until(() -> wheel.lateMillis() < 500);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void closingEndsTheThread() {
    wheel.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(Thread::isAlive)
        .extracting(Thread::getName)
        .doesNotContain("cablestream-timer");
  }
}
