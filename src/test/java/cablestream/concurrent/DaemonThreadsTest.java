package cablestream.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DaemonThreadsTest {
  private final DaemonThreads threads = new DaemonThreads("some");

  @Test
  void theyAreDaemonsWithANumber() {
    assertThat(threads.newThread(() -> {}).getName()).isEqualTo("some-1");
    assertThat(threads.newThread(() -> {}).getName()).isEqualTo("some-2");
    assertThat(threads.newThread(() -> {}).isDaemon()).isTrue();
  }

  /** The termination of an executor alone left a thread running in one of a hundred runs. */
  @Test
  void noneOfAnExecutorsThreadsIsAliveAfterTheJoin() throws InterruptedException {
    for (int round = 0; round < 2_000; round++) {
      List<Thread> made = new ArrayList<>();
      ThreadPoolExecutor executor =
          new ThreadPoolExecutor(
              4,
              4,
              10,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              work -> {
                Thread thread = threads.newThread(work);
                made.add(thread);
                return thread;
              });
      for (int i = 0; i < 8; i++) {
        executor.execute(() -> {});
      }
      executor.shutdownNow();

      assertThat(threads.join(10_000)).isTrue();
      assertThat(made).hasSize(4).noneMatch(Thread::isAlive);
    }
  }

  @Test
  void oneThatDoesNotEndIsWaitedForNoLongerThanSaid() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    Thread thread =
        threads.newThread(
            () -> {
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.start();

    assertThat(threads.join(20)).isFalse();

    end.countDown();
    assertThat(threads.join(10_000)).isTrue();
  }
}
