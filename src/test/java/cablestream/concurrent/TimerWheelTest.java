package cablestream.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.NoFaults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
    // The upper bound is loose, because a test machine may pause; the lower one is guaranteed.
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

  /** Each response and each body sets one for a minute, and hardly any needs it for so long. */
  @Test
  void aCancelledTimerTakesNoMemoryUntilItsTime() {
    Runnable nothing = () -> {};
    long before = used();
    for (int i = 0; i < 1_000_000; i++) {
      wheel.after(60_000, nothing).cancel();
    }
    assertThat(used() - before).isLessThan(4 << 20);
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
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

  /** Both closers are called while the first timer fires, which throws, as do those behind it. */
  @Test
  @Timeout(60)
  @NoFaults.Expected
  void closingTwiceAsTimersThrowErrorsEndsTheThreadBeforeEitherReturns() throws Exception {
    ExecutorService closers = Executors.newCachedThreadPool();
    List<Future<Boolean>> outcomes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Thread[] turning = new Thread[1];
      TimerWheel closing = new TimerWheel(2, task -> turning[0] = new Thread(task));
      CountDownLatch fires = new CountDownLatch(1);
      for (int timer = 0; timer < 100; timer++) {
        closing.after(
            0,
            () -> {
              fires.countDown();
              throw new StackOverflowError();
            });
      }
      for (int closer = 0; closer < 2; closer++) {
        outcomes.add(
            closers.submit(
                () -> {
                  fires.await();
                  closing.close();
                  return turning[0].isAlive();
                }));
      }
    }
    closers.shutdown();
    for (Future<Boolean> outcome : outcomes) {
      assertThat(outcome.get()).as("the thread lives").isFalse();
    }
  }

  @Test
  @Timeout(60)
  void closingWaitsForATimerThatDoesNotReturnOnlySoLongAndNoOtherFiresAfterIt() throws Exception {
    Thread[] turning = new Thread[1];
    TimerWheel closing = new TimerWheel(2, task -> turning[0] = new Thread(task));
    CountDownLatch fires = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    closing.after(
        0,
        () -> {
          fires.countDown();
          awaitUninterrupted(over);
        });
    closing.after(0, () -> fired.add("after the close"));
    fires.await();

    closing.close();

    assertThat(turning[0].isAlive()).isTrue();
    over.countDown();
    turning[0].join();
    assertThat(fired).isEmpty();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    boolean over = false;
    while (!over) {
      try {
        latch.await();
        over = true;
      } catch (InterruptedException closing) {
        // Ignored, as by a careless caller.
      }
    }
  }

  @Test
  @Timeout(60)
  void aTimerMayCloseTheWheelThatItIsOn() throws Exception {
    Thread[] turning = new Thread[1];
    TimerWheel closing = new TimerWheel(2, task -> turning[0] = new Thread(task));
    closing.after(0, closing::close);

    turning[0].join();
  }

  @Test
  @Timeout(60)
  void whoIsInterruptedWhileItClosesEndsTheThreadAllTheSame() throws Exception {
    Thread[] turning = new Thread[1];
    TimerWheel closing = new TimerWheel(2, task -> turning[0] = new Thread(task));
    Thread.currentThread().interrupt();

    closing.close();

    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    turning[0].join();
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
