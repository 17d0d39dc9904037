package cablestream.concurrent;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** The cost of a timer that is set and cancelled, as each response's is, beside 10,000 others. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TimerBenchmark {
  private static final int OTHERS = 10_000;
  private final Runnable task = () -> {};
  private TimerWheel timers;

  @Setup
  public void set() {
    timers = new TimerWheel();
    for (int i = 0; i < OTHERS; i++) {
      timers.after(300_000 + ThreadLocalRandom.current().nextInt(60_000), task);
    }
  }

  @TearDown
  public void close() {
    timers.close();
  }

  @Benchmark
  @Threads(1)
  public void alone() {
    timers.after(60_000, task).cancel();
  }

  @Benchmark
  @Threads(4)
  public void contended() {
    timers.after(60_000, task).cancel();
  }

  /** Not the first in the queue: others are due earlier. */
  @Benchmark
  @Threads(4)
  public void contendedBehindOthers() {
    timers.after(330_000, task).cancel();
  }
}
