package cablestream.concurrent;

import static cablestream.stress.Threads.together;

import cablestream.stress.Interleavings;
import cablestream.stress.Threads;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Concurrent callers of one mailbox, and a pool with a thread for each turn, or with none. */
class MailboxInterleavings {
  /** Numbered tasks in the order in which they ran; a negative number marks a violation. */
  private static final class Tasks {
    private final Mailbox mailbox;
    private final int[] done = new int[32];
    private int count;
    private boolean occupied;

    Tasks(Mailbox mailbox) {
      this.mailbox = mailbox;
    }

    Runnable task(int number) {
      return task(number, () -> {});
    }

    Runnable task(int number, Runnable work) {
      return () -> {
        boolean alone = !occupied;
        occupied = true;
        boolean inside = mailbox.isInside();
        done[count++] = alone && inside ? number : -number;
        work.run();
        occupied = false;
      };
    }

    /** Checks that this many have run, each of them once, and these in this order. */
    void check(int all, int... series) {
      int next = 0;
      int seen = 0;
      for (int i = 0; i < count; i++) {
        int bit = done[i] < 0 ? 0 : 1 << done[i];
        if ((seen & bit) == bit) {
          throw new AssertionError("twice, or not alone: " + Arrays.toString(done));
        }
        seen |= bit;
        if (next < series.length && done[i] == series[next]) {
          next++;
        }
      }
      if (count != all || next != series.length) {
        throw new AssertionError("lost, or out of order: " + Arrays.toString(done));
      }
    }
  }

  @Test
  void eachTaskRunsOnceAloneAndInItsCallersOrder() {
    Interleavings.noneFails(
        () -> {
          Threads pool = new Threads();
          Mailbox mailbox = new Mailbox(pool);
          Tasks tasks = new Tasks(mailbox);
          together(
              () -> {
                mailbox.run(tasks.task(1));
                mailbox.post(tasks.task(2));
                mailbox.run(tasks.task(3));
              },
              () -> mailbox.run(tasks.task(4)));
          pool.join();
          tasks.check(4, 1, 2, 3);
        });
  }

  @Test
  void whatATaskBringsAboutComesAfterItAndOnce() {
    Interleavings.noneFails(
        () -> {
          Threads pool = new Threads();
          Mailbox mailbox = new Mailbox(pool);
          Tasks tasks = new Tasks(mailbox);
          Runnable work =
              () -> {
                mailbox.defer(tasks.task(5));
                mailbox.run(tasks.task(2));
                mailbox.post(tasks.task(3));
              };
          together(() -> mailbox.run(tasks.task(1, work)), () -> mailbox.post(tasks.task(4)));
          pool.join();
          tasks.check(5, 1, 2, 3);
        });
  }

  @Test
  void aPoolThatRefusesLosesNothing() {
    Interleavings.noneFails(() -> askAPoolThatFails(MailboxInterleavings::refuse));
  }

  @Test
  void aPoolThatCanNotStartAThreadLosesNothing() {
    Interleavings.noneFails(() -> askAPoolThatFails(MailboxInterleavings::startNoThread));
  }

  private static void refuse() {
    throw new RejectedExecutionException();
  }

  private static void startNoThread() {
    throw new OutOfMemoryError("unable to create native thread");
  }

  /** The pool rejects the first task. */
  private static void askAPoolThatFails(Runnable failure) {
    Threads pool = new Threads();
    AtomicBoolean works = new AtomicBoolean();
    Mailbox mailbox =
        new Mailbox(
            task -> {
              if (!works.getAndSet(true)) {
                failure.run();
              }
              pool.execute(task);
            });
    Tasks tasks = new Tasks(mailbox);
    together(
        () -> tolerant(() -> mailbox.post(tasks.task(1))),
        () -> {
          tolerant(() -> mailbox.post(tasks.task(2)));
          tolerant(() -> mailbox.defer(tasks.task(3)));
        });
    pool.join();
    tasks.check(3);
  }

  /** As a caller that continues after an error. */
  private static void tolerant(Runnable call) {
    try {
      call.run();
    } catch (OutOfMemoryError noThread) {
      // Only whether its task runs matters.
    }
  }
}
