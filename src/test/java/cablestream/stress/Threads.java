package cablestream.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The threads of one interleaving. As an executor it is a pool with one thread per task, so that
 * tasks run concurrently and in any order.
 */
public final class Threads implements Executor {
  private final List<Thread> started = new ArrayList<>();
  private Throwable fault;

  /** Runs each part on a thread of its own, and rethrows what one of them threw. */
  public static void together(Runnable... parts) {
    Threads threads = new Threads();
    for (Runnable part : parts) {
      threads.execute(part);
    }
    threads.join();
  }

  @Override
  public void execute(Runnable task) {
    Thread thread = new Thread(() -> attempt(task));
    synchronized (this) {
      started.add(thread);
    }
    thread.start();
  }

  /**
   * Waits until all threads have ended, including those that they started; rethrows what one of
   * them threw.
   */
  public void join() {
    int ended = 0;
    for (Thread next = started(ended); next != null; next = started(ended)) {
      await(next);
      ended++;
    }
    if (fault != null) {
      throw new AssertionError(fault);
    }
  }

  private synchronized Thread started(int number) {
    return number < started.size() ? started.get(number) : null;
  }

  private static void await(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void attempt(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      fault = e;
    }
  }
}
