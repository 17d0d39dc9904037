package cablestream.support;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

/**
 * Counts what a task allocates, in bytes of the heap. All that is allocated is no less than what is
 * held at once, which is what must be charged.
 */
public final class Allocated {
  /** What any task may take for its own small objects. */
  public static final long SLACK = 16 * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  /** On this thread; the task should have been run before, as classes are loaded once. */
  public static long by(Callable<?> task) throws Exception {
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    task.call();
    return THREADS.getThreadAllocatedBytes(thread) - before;
  }
}
