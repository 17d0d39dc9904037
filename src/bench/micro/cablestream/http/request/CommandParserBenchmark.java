package cablestream.http.request;

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

/** The cost of parsing the body of a POST. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CommandParserBenchmark {
  private static final String IDENTIFIER = "{\"channel\":\"ChatChannel\",\"room\":17}";

  /** The number of commands. */
  @Param({"1", "10"})
  int commands;

  private final CommandParser parser =
      new CommandParser(
          cablestream.browser.Mode.CHANNELS,
          new HttpSettings.Bodies(64 * 1024, 1024 * 1024, 100, 64));
  private final CommandParser tunnel =
      new CommandParser(
          cablestream.browser.Mode.TUNNEL,
          new HttpSettings.Bodies(64 * 1024, 1024 * 1024, 100, 64));
  private byte[] subscribe;
  private byte[] send;
  private byte[] frames;

  @Setup
  public void prepare() {
    subscribe = body("{\"identifier\":" + IDENTIFIER + ",\"subscribe\":true}");
    send =
        body(
            "{\"identifier\":"
                + IDENTIFIER
                + ",\"send\":{\"action\":\"speak\",\"text\":\"Good morning, everybody\"}}");
    frames =
        body(
            "\"{\\\"command\\\":\\\"subscribe\\\",\\\"identifier\\\":"
                + "\\\"{\\\\\\\"channel\\\\\\\":\\\\\\\"ChatChannel\\\\\\\"}\\\"}\"");
  }

  private byte[] body(String command) {
    String more = ("," + command).repeat(commands - 1);
    return ("[" + command + more + "]").getBytes(StandardCharsets.UTF_8);
  }

  @Benchmark
  public Object subscribe() {
    return parser.parse(subscribe);
  }

  @Benchmark
  public Object send() {
    return parser.parse(send);
  }

  @Benchmark
  public Object tunnelFrames() {
    return tunnel.parse(frames);
  }
}
