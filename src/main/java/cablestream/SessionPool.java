package cablestream;

import cablestream.session.DaemonThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that run the sessions' mailboxes when nobody else does. Nothing in a mailbox blocks,
 * so a thread for each processor is enough; each session queues itself at most once, so sessions
 * bound the queue.
 */
final class SessionPool implements Executor, AutoCloseable {
  private static final int LEAST = 2;
  private static final long PATIENCE_MILLIS = 2_000;

  private final DaemonThreads threads = new DaemonThreads("cablestream-session");
  private final ThreadPoolExecutor pool;

  SessionPool(int processors) {
    int size = Math.max(LEAST, processors);
    pool =
        new ThreadPoolExecutor(
            size, size, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), threads);
    pool.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /** Lets what is queued run, but not for long, and waits until the threads are gone. */
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
