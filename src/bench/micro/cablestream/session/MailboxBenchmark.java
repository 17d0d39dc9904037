package cablestream.session;

import cablestream.concurrent.Mailbox;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** The cost of running a task in its session's turn. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MailboxBenchmark {
  private final ExecutorService pool = Executors.newSingleThreadExecutor();
  private final Mailbox mailbox = new Mailbox(pool);
  private final Mailbox nested = new Mailbox(pool);
  private long sum;
  private final Runnable task = () -> sum++;
  private final Runnable taskThatLeavesAnother = () -> nested.run(task);

  @TearDown
  public void stop() {
    pool.shutdown();
  }

  /** The mailbox is free, as usually for a frame from socket to socket. */
  @Benchmark
  public void runAlone() {
    mailbox.run(task);
  }

  /** From inside, so that it is queued and runs after the present task. */
  @Benchmark
  public void runFromInside() {
    nested.run(taskThatLeavesAnother);
  }

  /** Two threads concurrently. */
  @Benchmark
  @Threads(2)
  public void runContended() {
    mailbox.run(task);
  }
}
