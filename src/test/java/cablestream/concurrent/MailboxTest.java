package cablestream.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.ManualExecutor;
import cablestream.support.NoFaults;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private final ManualExecutor pool = new ManualExecutor();
  private final Mailbox mailbox = new Mailbox(pool);
  private final List<String> done = new ArrayList<>();

  @Test
  void runWorksOnTheCallersThreadWhenNobodyIsInside() {
    mailbox.run(() -> done.add("here"));
    assertThat(done).containsExactly("here");
    assertThat(pool.waiting()).isZero();
  }

  @Test
  void postAlwaysGoesThroughThePool() {
    mailbox.post(() -> done.add("there"));
    assertThat(done).isEmpty();
    pool.runAll();
    assertThat(done).containsExactly("there");
  }

  @Test
  void fromInsideBothEnqueue() {
    mailbox.run(
        () -> {
          mailbox.run(() -> done.add("second"));
          mailbox.post(() -> done.add("third"));
          done.add("first");
        });
    assertThat(done).containsExactly("first", "second", "third");
  }

  @Test
  void runIfFreeDoesNothingWhileAThreadIsInside() {
    boolean free =
        mailbox.runIfFree(() -> done.add(String.valueOf(mailbox.runIfFree(done::clear))));

    assertThat(free).isTrue();
    assertThat(done).containsExactly("false");
  }

  @Test
  void deferTakesTheTripThroughThePoolEvenFromInside() {
    mailbox.run(
        () -> {
          mailbox.defer(() -> done.add("deferred"));
          mailbox.run(() -> done.add("run"));
        });
    assertThat(done).containsExactly("run");
    pool.runAll();
    assertThat(done).containsExactly("run", "deferred");
  }

  @Test
  void aLongTurnIsHandedOverToThePool() {
    mailbox.run(
        () -> {
          for (int i = 0; i < 100; i++) {
            mailbox.run(() -> done.add("task"));
          }
        });
    assertThat(done).hasSize(Mailbox.TURN - 1);
    pool.runNext();
    assertThat(done).hasSize(100);
    assertThat(pool.waiting()).isZero();
  }

  @Test
  @NoFaults.Expected
  void whatFollowsEachTaskRunsInsideBeforeTheNextAndAfterAFaultToo() {
    List<String> said = new ArrayList<>();
    Mailbox[] inside = new Mailbox[1];
    Mailbox followed = new Mailbox(pool, () -> said.add("then " + inside[0].isInside()));
    inside[0] = followed;
    followed.run(
        () -> {
          followed.run(() -> said.add("second"));
          said.add("first");
        });
    followed.run(
        () -> {
          throw new IllegalStateException("of a test");
        });
    assertThat(said).containsExactly("first", "then true", "second", "then true", "then true");
  }

  @Test
  void itKnowsWhoIsInside() {
    assertThat(mailbox.isInside()).isFalse();
    mailbox.run(() -> done.add("" + mailbox.isInside()));
    assertThat(done).containsExactly("true");
    assertThat(mailbox.isInside()).isFalse();
  }

  @Test
  void aPoolThatIsShutDownDoesNotStopTheTasks() {
    Mailbox late =
        new Mailbox(
            task -> {
              throw new RejectedExecutionException();
            });
    late.post(() -> done.add("posted"));
    late.defer(() -> done.add("deferred"));
    assertThat(done).containsExactly("posted", "deferred");
  }

  /** "unable to create native thread", which is an Error. */
  @Test
  void aPoolThatCannotStartAThreadDoesNotStopTheTasks() {
    boolean[] able = {false};
    Mailbox patient =
        new Mailbox(
            task -> {
              if (!able[0]) {
                throw new OutOfMemoryError("unable to create native thread (in a test)");
              }
              pool.execute(task);
            });
    patient.post(() -> done.add("posted"));
    patient.defer(() -> done.add("deferred"));
    assertThat(done).containsExactly("posted", "deferred");

    able[0] = true;
    patient.post(() -> done.add("later"));
    assertThat(pool.waiting()).isEqualTo(1);
    pool.runAll();
    assertThat(done).containsExactly("posted", "deferred", "later");
  }

  @Test
  void howeverMuchIsQueuedThatNobodyElseCanDoNoStackOverflows() {
    Mailbox late =
        new Mailbox(
            task -> {
              throw new RejectedExecutionException();
            });
    late.run(
        () -> {
          for (int i = 0; i < 1_000_000; i++) {
            late.run(() -> done.add("task"));
          }
        });
    assertThat(done).hasSize(1_000_000);
  }

  @Test
  void aTaskIsNotOvertakenWhileAnotherThreadHasQueuedOneAndNotYetCountedIt()
      throws InterruptedException {
    CountDownLatch queued = new CountDownLatch(1);
    CountDownLatch counts = new CountDownLatch(1);
    Mailbox shared = new Mailbox(pool, new SlowToCount(queued, counts));
    Thread other = new Thread(() -> shared.post(() -> done.add("other")), "slow-to-count");
    shared.run(
        () -> {
          other.start();
          await(queued);
          shared.post(() -> done.add("first"));
        });

    shared.run(() -> done.add("second"));
    counts.countDown();
    other.join();
    pool.runAll();

    assertThat(done).containsExactly("other", "first", "second");
  }

  /** Delays a certain thread between adding a task to the queue and counting it. */
  private static final class SlowToCount extends ConcurrentLinkedQueue<Runnable> {
    private final transient CountDownLatch queued;
    private final transient CountDownLatch counts;

    SlowToCount(CountDownLatch queued, CountDownLatch counts) {
      this.queued = queued;
      this.counts = counts;
    }

    @Override
    public boolean add(Runnable task) {
      boolean added = super.add(task);
      if (Thread.currentThread().getName().equals("slow-to-count")) {
        queued.countDown();
        await(counts);
      }
      return added;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tasksOfManyThreadsRunOneAtATimeAndInEachThreadsOrder() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    Mailbox shared = new Mailbox(threads);
    int each = 20_000;
    List<List<Integer>> seen =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    int[] unguarded = new int[1];
    CountDownLatch all = new CountDownLatch(4 * each);
    for (int t = 0; t < 4; t++) {
      List<Integer> mine = seen.get(t);
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  int number = i;
                  Runnable task =
                      () -> {
                        unguarded[0]++;
                        mine.add(number);
                        all.countDown();
                      };
                  if (i % 3 == 0) {
                    shared.post(task);
                  } else {
                    shared.run(task);
                  }
                }
              });
      thread.start();
    }
    assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
    threads.shutdown();
    assertThat(threads.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    assertThat(unguarded[0]).isEqualTo(4 * each);
    assertThat(seen).allSatisfy(numbers -> assertThat(numbers).isSorted().hasSize(each));
  }
}
