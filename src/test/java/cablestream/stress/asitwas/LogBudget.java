package cablestream.stress.asitwas;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes in the logs of all sessions together; any thread. */
public final class LogBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();
  private volatile boolean consequential;

  public LogBudget(long limit) {
    this.limit = limit;
  }

  /** Takes, or with a negative number gives back. */
  public void take(long bytes) {
    used.addAndGet(bytes);
  }

  /** Whether histories have to go, and sessions with a backlog to pause. */
  public boolean isExceeded() {
    boolean exceeded = used.get() > limit;
    if (exceeded) {
      consequential = true;
    }
    return exceeded;
  }

  /**
   * Whether it has been found exceeded since this was asked last, so that sessions may have paused.
   */
  public boolean takeConsequential() {
    boolean had = consequential;
    consequential = false;
    return had;
  }

  /** Bytes in all logs now. */
  public long used() {
    return used.get();
  }
}
