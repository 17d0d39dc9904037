package cablestream.cable;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of the frame that every idle cable receives every three seconds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PingBenchmark {
  private final FrameScanner scanner = new FrameScanner();
  private final byte[] text =
      "{\"type\":\"ping\",\"message\":1800000000}".getBytes(StandardCharsets.UTF_8);

  @Benchmark
  public Object ping() {
    return scanner.scan(text);
  }
}
