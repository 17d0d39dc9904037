package cablestream.support;

import cablestream.concurrent.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A clock that moves when the test says so. Timers fire from {@link #advance}, in the order of
 * their times, each seeing the clock at its own time. With a {@link ManualExecutor} under the
 * mailbox, what they post runs at its next {@code runAll()}; the second constructor does that after
 * each timer.
 */
public final class FakeTimers implements Timers {
  private final List<Pending> pending = new ArrayList<>();
  private final Runnable afterEach;

  /** 0 where timers are exact. */
  private long tickNanos;

  private long now;

  public FakeTimers() {
    this(() -> {});
  }

  /** After each timer {@code executor.runAll()}, so that time passes as it would for real. */
  public FakeTimers(ManualExecutor executor) {
    this(executor::runAll);
  }

  private FakeTimers(Runnable afterEach) {
    this.afterEach = afterEach;
  }

  /** From now on timers fire a millisecond after a multiple of this, as those of a TimerWheel. */
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

  /** Lets time pass, firing whatever falls due on the way, timers set meanwhile included. */
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

  /** Compared by identity: two timers may well be alike. */
  private static final class Pending {
    final long at;
    final Runnable task;

    Pending(long at, Runnable task) {
      this.at = at;
      this.task = task;
    }
  }
}
