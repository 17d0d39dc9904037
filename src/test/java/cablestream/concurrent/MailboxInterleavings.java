package cablestream.concurrent;

import static cablestream.stress.Threads.together;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.stress.Interleavings;
import cablestream.stress.Threads;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Callers of one mailbox at once, and a pool that has a thread for each turn, or none. */
class MailboxInterleavings {
  /** A mailbox, or what it was. */
  private record Box(
      Consumer<Runnable> run,
      Consumer<Runnable> post,
      Consumer<Runnable> defer,
      BooleanSupplier isInside) {
    static Box now(Executor pool) {
      Mailbox mailbox = new Mailbox(pool);
      return new Box(mailbox::run, mailbox::post, mailbox::defer, mailbox::isInside);
    }

    static Box asItWas(Executor pool) {
      var mailbox = new cablestream.stress.asitwas.FormerMailbox(pool);
      return new Box(mailbox::run, mailbox::post, mailbox::defer, mailbox::isInside);
    }

    void run(Runnable task) {
      run.accept(task);
    }

    void post(Runnable task) {
      post.accept(task);
    }

    void defer(Runnable task) {
      defer.accept(task);
    }
  }

  /** Tasks with numbers, in the order in which they ran; negative where something was wrong. */
  private static final class Tasks {
    private final Box box;
    private final int[] done = new int[32];
    private int count;
    private boolean occupied;

    Tasks(Box box) {
      this.box = box;
    }

    Runnable task(int number) {
      return task(number, () -> {});
    }

    Runnable task(int number, Runnable work) {
      return () -> {
        boolean alone = !occupied;
        occupied = true;
        boolean inside = box.isInside().getAsBoolean();
        done[count++] = alone && inside ? number : -number;
        work.run();
        occupied = false;
      };
    }

    /** So many have run, each of them once; and these in this order. */
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
          Box box = Box.now(pool);
          Tasks tasks = new Tasks(box);
          together(
              () -> {
                box.run(tasks.task(1));
                box.post(tasks.task(2));
                box.run(tasks.task(3));
              },
              () -> box.run(tasks.task(4)));
          pool.join();
          tasks.check(4, 1, 2, 3);
        });
  }

  @Test
  void whatATaskBringsAboutComesAfterItAndOnce() {
    Interleavings.noneFails(
        () -> {
          Threads pool = new Threads();
          Box box = Box.now(pool);
          Tasks tasks = new Tasks(box);
          Runnable work =
              () -> {
                box.defer(tasks.task(5));
                box.run(tasks.task(2));
                box.post(tasks.task(3));
              };
          together(() -> box.run(tasks.task(1, work)), () -> box.post(tasks.task(4)));
          pool.join();
          tasks.check(5, 1, 2, 3);
        });
  }

  @Test
  void aPoolThatRefusesLosesNothing() {
    Interleavings.noneFails(() -> askAPoolThatFails(MailboxInterleavings::refuse, Box::now));
  }

  @Test
  void aPoolThatCanNotStartAThreadLosesNothing() {
    Interleavings.noneFails(() -> askAPoolThatFails(MailboxInterleavings::startNoThread, Box::now));
  }

  @Test
  void asItWasAPoolThatCouldNotStartAThreadSilencedTheMailboxForEver() {
    assertThat(
            Interleavings.oneFails(
                () -> askAPoolThatFails(MailboxInterleavings::startNoThread, Box::asItWas)))
        .contains("lost");
  }

  private static void refuse() {
    throw new RejectedExecutionException();
  }

  private static void startNoThread() {
    throw new OutOfMemoryError("unable to create native thread");
  }

  /** The pool fails whoever asks it first. */
  private static void askAPoolThatFails(Runnable failure, Function<Executor, Box> mailbox) {
    Threads pool = new Threads();
    AtomicBoolean works = new AtomicBoolean();
    Box box =
        mailbox.apply(
            task -> {
              if (!works.getAndSet(true)) {
                failure.run();
              }
              pool.execute(task);
            });
    Tasks tasks = new Tasks(box);
    together(
        () -> tolerant(() -> box.post(tasks.task(1))),
        () -> {
          tolerant(() -> box.post(tasks.task(2)));
          tolerant(() -> box.defer(tasks.task(3)));
        });
    pool.join();
    tasks.check(3);
  }

  /** As whoever goes on after an error. */
  private static void tolerant(Runnable call) {
    try {
      call.run();
    } catch (OutOfMemoryError noThread) {
      // What counts is whether its task runs.
    }
  }
}
