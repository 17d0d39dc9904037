package cablestream.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.support.NoFaults;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SessionPoolTest {
  @Test
  void itHasAThreadForEachProcessorAndNotMore() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CountDownLatch allThree = new CountDownLatch(3);
    CountDownLatch done = new CountDownLatch(100);
    try (SessionPool pool = new SessionPool(3)) {
      for (int i = 0; i < 100; i++) {
        pool.execute(
            () -> {
              threads.add(Thread.currentThread());
              allThree.countDown();
              await(allThree);
              done.countDown();
            });
      }
      await(done);
    }

    assertThat(threads)
        .hasSize(3)
        .allMatch(Thread::isDaemon)
        .allMatch(thread -> thread.getName().matches("cablestream-session-[123]"))
        .noneMatch(Thread::isAlive);
  }

  /** So that sessions continue on a system that allows no further thread. */
  @Test
  @NoFaults.Expected
  void itsThreadsAreThereBeforeTheFirstTaskAndOutliveAnError() {
    AtomicInteger ran = new AtomicInteger();
    try (SessionPool pool = new SessionPool(2)) {
      Set<Thread> first = threads();
      assertThat(first).hasSize(2);
      for (int i = 0; i < 10; i++) {
        pool.execute(
            () -> {
              ran.incrementAndGet();
              throw new OutOfMemoryError("of a test");
            });
      }
      Awaitility.await().until(() -> ran.get() == 10);

      assertThat(threads()).isEqualTo(first);
    }
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("cablestream-session-"))
        .filter(Thread::isAlive)
        .collect(Collectors.toSet());
  }

  @Test
  void whatIsQueuedStillRunsWhenItIsClosed() {
    AtomicInteger ran = new AtomicInteger();
    SessionPool pool = new SessionPool(1);
    for (int i = 0; i < 100; i++) {
      pool.execute(ran::incrementAndGet);
    }

    pool.close();

    assertThat(ran).hasValue(100);
    assertThatThrownBy(() -> pool.execute(ran::incrementAndGet))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aTaskThatDoesNotEndIsInterrupted() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    SessionPool pool = new SessionPool(1);
    pool.execute(
        () -> {
          started.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    started.await();

    pool.close();

    assertThat(interrupted.getCount()).isZero();
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody came");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
