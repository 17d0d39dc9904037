package cablestream.log;

import cablestream.memory.Account;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The log's cost per event: appended, read by one cursor, passed, evicted. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventLogBenchmark {
  private static final int MAX_EVENTS = 1_000;
  private static final int MAX_BYTES = 512 * 1024;

  private final EventLog log =
      new EventLog(MAX_EVENTS, MAX_BYTES, new Account(1L << 30, 256L << 20));
  private final byte[] bytes = new byte[400];

  @Benchmark
  public Object throughTheLog() {
    long number = log.nextNumber();
    log.append(new Event(bytes, number, Event.Kind.MESSAGE, 40));
    Event read = log.eventAfter(number - 1);
    log.slowestCursorAt(number);
    return read;
  }
}
