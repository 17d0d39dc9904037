package cablestream.support;

import cablestream.concurrent.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A clock that advances only when the test calls {@link #advance}. Timers fire in the order of
 * their due times, and each sees the clock at its own due time. With a {@link ManualExecutor} under
 * the mailbox, tasks that timers post run at its next {@code runAll()}; the second constructor
 * calls it after each timer.
 */
public final class FakeTimers implements Timers {
  private final List<Pending> pending = new ArrayList<>();
  private final Runnable afterEach;

  /** 0 for exact timers. */
  private long tickNanos;

  private long now;

  public FakeTimers() {
    this(() -> {});
  }

  /** Calls {@code executor.runAll()} after each timer, as if time passed for real. */
  public FakeTimers(ManualExecutor executor) {
    this(executor::runAll);
  }

  private FakeTimers(Runnable afterEach) {
    this.afterEach = afterEach;
  }

  /** From now on timers fire a millisecond after a multiple of this, like those of a TimerWheel. */
  public void tick(Duration tick) {
    tickNanos = tick.toNanos();
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public long lateMillis() {
    return 0;
  }

  @Override
  public Timer after(long milliseconds, Runnable task) {
    if (milliseconds < 0) {
      throw new IllegalArgumentException("A timer of " + milliseconds + " ms");
    }
    long due = now + milliseconds * 1_000_000;
    if (tickNanos > 0) {
      due = (due + tickNanos - 1) / tickNanos * tickNanos + 1_000_000;
    }
    Pending timer = new Pending(due, task);
    pending.add(timer);
    return () -> pending.remove(timer);
  }

  /** Advances the clock and fires all timers that fall due, including those set on the way. */
  public void advance(Duration time) {
    long end = now + time.toNanos();
    for (Pending due = next(end); due != null; due = next(end)) {
      pending.remove(due);
      now = due.at;
      due.task.run();
      afterEach.run();
    }
    now = end;
  }

  /** How many timers are set. */
  public int pending() {
    return pending.size();
  }

  private Pending next(long end) {
    return pending.stream()
        .filter(timer -> timer.at <= end)
        .min(Comparator.comparingLong(timer -> timer.at))
        .orElse(null);
  }

  /** Compared by identity, because two timers may be equal. */
  private static final class Pending {
    final long at;
    final Runnable task;

    Pending(long at, Runnable task) {
      this.at = at;
      this.task = task;
    }
  }
}
