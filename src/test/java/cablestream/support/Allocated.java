package cablestream.support;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

/**
 * Counts the bytes that a task allocates on the heap: an upper bound of what it holds at once,
 * which is what must be accounted for.
 */
public final class Allocated {
  /** Allowance for a task's own small objects, in bytes. */
  public static final long SLACK = 16 * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  /**
   * Bytes allocated on this thread. Run the task once before, because classes are loaded only once.
   */
  public static long by(Callable<?> task) throws Exception {
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    task.call();
    return THREADS.getThreadAllocatedBytes(thread) - before;
  }
}
