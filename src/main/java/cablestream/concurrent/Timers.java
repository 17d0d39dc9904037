package cablestream.concurrent;

/** Time and timers, so that tests can bring their own. */
public interface Timers {
  /** A task that will run once, unless cancelled before. */
  interface Timer {
    /** Forgets the task; without effect once it has run. */
    void cancel();
  }

  /** A monotonic clock in nanoseconds, with the contract of {@link System#nanoTime}. */
  long nanoTime();

  /**
   * How far timers are behind, in milliseconds: hardly ever a second. More is a thread that is
   * kept, or gone.
   */
  long lateMillis();

  /**
   * Runs the task once, on a thread that must not be kept: the task posts to a mailbox and returns.
   *
   * @param milliseconds the delay, 0 or more; the task runs at that time or up to one tick later
   */
  Timer after(long milliseconds, Runnable task);
}
