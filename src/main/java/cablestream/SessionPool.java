package cablestream;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that run the sessions' mailboxes when nobody else does. Nothing in a mailbox blocks,
 * so a thread for each processor is enough; each session queues itself at most once, so sessions
 * bound the queue.
 */
final class SessionPool implements Executor, AutoCloseable {
  private static final int LEAST = 2;
  private static final long PATIENCE_SECONDS = 2;

  private final AtomicInteger count = new AtomicInteger();
  private final ThreadPoolExecutor threads;

  SessionPool(int processors) {
    int size = Math.max(LEAST, processors);
    threads =
        new ThreadPoolExecutor(
            size, size, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), this::thread);
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Lets what is queued run, but not for long, and waits until the threads are gone. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        threads.shutdownNow();
        threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private Thread thread(Runnable work) {
    Thread thread = new Thread(work, "cablestream-session-" + count.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }
}
