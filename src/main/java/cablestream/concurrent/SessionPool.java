package cablestream.concurrent;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that run the sessions' mailboxes. Nothing in a mailbox blocks, so one thread per
 * processor is enough; each session queues itself at most once, so sessions bound the queue. All
 * threads start with the pool and end with it: a system that can't start further threads doesn't
 * stop the sessions.
 */
public final class SessionPool implements Executor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionPool.class);
  private static final int MIN = 2;
  private static final long PATIENCE_MILLIS = 2_000;

  private final DaemonThreads threads = new DaemonThreads("cablestream-session");
  private final ThreadPoolExecutor pool;

  /**
   * @param processors the number of threads, at least two
   */
  public SessionPool(int processors) {
    int size = Math.max(MIN, processors);
    pool =
        new ThreadPoolExecutor(
            size, size, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
    pool.prestartAllCoreThreads();
  }

  /** Either accepts the task or throws, never both. */
  @Override
  public void execute(Runnable task) {
    pool.execute(() -> attempt(task));
  }

  private static void attempt(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      // The thread would have to be replaced, which may be impossible.
      Fault.log(LOG, "event=task_failed", e);
    }
  }

  /** Runs queued tasks for a short time, and waits until the threads have ended. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      if (!threads.join(PATIENCE_MILLIS)) {
        pool.shutdownNow();
        threads.join(PATIENCE_MILLIS);
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
