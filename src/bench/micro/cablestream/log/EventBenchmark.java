package cablestream.log;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of encoding an event; the allocated bytes should be the event's own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventBenchmark {
  /** Bytes of the message. */
  @Param({"200", "2048", "65536"})
  int size;

  @Param({"ascii", "greek"})
  String text;

  private final EventEncoder encoder =
      new EventEncoder(
          "0123456789abcdef0123456789abcdef",
          new EventTime(InstantSource.system()),
          new UnboundedRoom());
  private final byte[] head =
      EventEncoder.receivedHead(
          new Identifier(
              "{\"channel\":\"ChatChannel\",\"room\":17}", "0123456789abcdef0123456789abcdef"));
  private byte[] frame;
  private long number;

  /** Like a log's, without an account. */
  private static final class UnboundedRoom implements EventEncoder.Room {
    private final byte[] block = new byte[32 * 1024];

    @Override
    public boolean reserve(long bytes) {
      return true;
    }

    @Override
    public byte[] array(int length) {
      return length > Event.COPIED ? new byte[length] : block;
    }

    @Override
    public int start() {
      return 0;
    }
  }

  @Setup
  public void prepare() {
    String unit = text.equals("ascii") ? "abcdefghij" : "αβγδε";
    frame =
        ("\"" + unit.repeat(size / unit.getBytes(StandardCharsets.UTF_8).length) + "\"")
            .getBytes(StandardCharsets.UTF_8);
  }

  @Benchmark
  public Object received() {
    return encoder.received(++number, head, frame, 0, frame.length);
  }

  @Benchmark
  public Object tunnelFrame() {
    return encoder.frame(++number, frame);
  }
}
