package cablestream.concurrent;

/** The clock and timers, which tests replace. */
public interface Timers {
  /** A task that will run once, unless cancelled. */
  interface Timer {
    /** Cancels the task; without effect once it has run. */
    void cancel();
  }

  /** A monotonic clock in nanoseconds, with the contract of {@link System#nanoTime}. */
  long nanoTime();

  /**
   * How late timers are, in milliseconds: normally less than a second. A larger value means that
   * their thread is blocked or has ended.
   */
  long lateMillis();

  /**
   * Runs the task once, on a thread that must not be blocked: the task posts to a mailbox and
   * returns.
   *
   * @param milliseconds the delay, 0 or more; the task runs at that time or up to one tick later
   */
  Timer after(long milliseconds, Runnable task);
}
