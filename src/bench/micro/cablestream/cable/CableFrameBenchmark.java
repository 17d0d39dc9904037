package cablestream.cable;

import cablestream.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of parsing and validating a frame of the Action Cable server. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CableFrameBenchmark {
  private static final String IDENTIFIER = "{\\\"channel\\\":\\\"ChatChannel\\\",\\\"room\\\":17}";

  /** Bytes of the message. */
  @Param({"200", "2048", "65536"})
  int size;

  /** An ASCII letter, one with two bytes in UTF-8, and the content of Turbo Streams. */
  @Param({"ascii", "greek", "html"})
  String text;

  private final FrameScanner scanner = new FrameScanner();
  private byte[] message;

  @Setup
  public void prepare() {
    String unit =
        switch (text) {
          case "ascii" -> "abcdefghij";
          case "greek" -> "αβγδε";
          default -> "\\u003cb\\u003e\\n";
        };
    String repeated = unit.repeat(size / unit.getBytes(StandardCharsets.UTF_8).length);
    message =
        ("{\"identifier\":\"" + IDENTIFIER + "\",\"message\":{\"text\":\"" + repeated + "\"}}")
            .getBytes(StandardCharsets.UTF_8);
  }

  /** A channel's message, after another of the same subscription. */
  @Benchmark
  public int message() {
    return scanner.scan(message).messageTo();
  }

  /** Whether the bytes are well-formed UTF-8. */
  @Benchmark
  public boolean utf8() {
    return Utf8.isWellFormed(message);
  }
}
