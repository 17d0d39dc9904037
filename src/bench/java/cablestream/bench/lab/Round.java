package cablestream.bench.lab;

import cablestream.bench.control.Line;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** Sessions that are opened with a target, receive messages, and are closed again. */
final class Round implements AutoCloseable {
  private static final int SUBSCRIBE_CONCURRENCY = 20;
  private static final double PATIENCE_SECONDS = 5;
  private static final double CLEARING_SECONDS = 10;

  private final Lab lab;
  private final Target target;
  private final String kind;
  private int unopened;
  private Line opening;
  private long start;
  private Usage bridgeBefore;
  private Usage serverBefore;
  private Usage loadBefore;

  private Round(Lab lab, Target target, String kind) {
    this.lab = lab;
    this.target = target;
    this.kind = target.isDirect() ? "direct" : kind;
  }

  /** Streams, or WebSockets if the target is {@code direct}. */
  static Round streams(Lab lab, Target target, int count) {
    return new Round(lab, target, "stream").open(count);
  }

  /** Long polls, or WebSockets if the target is {@code direct}. */
  static Round polls(Lab lab, Target target, int count) {
    return new Round(lab, target, "poll").open(count);
  }

  /** Opens more. */
  Round open(int count) {
    opening =
        lab.load()
            .ask(
                Line.of("open")
                    .with("kind", kind)
                    .with("urls", urls(target))
                    .with("relayed", target.relays())
                    .with("count", count)
                    .with("concurrency", SUBSCRIBE_CONCURRENCY));
    unopened += opening.integer("failed");
    if (opening.integer("subscribed") == 0) {
      vanish(); // otherwise the next round would find these clients
      throw new IllegalStateException(target.name() + " opens no session: " + opening.text("why"));
    }
    return this;
  }

  private static String urls(Target target) {
    return target.urls().stream().map(URI::toString).collect(Collectors.joining(","));
  }

  /** The outcome of the opening: {@code opened}, {@code seconds}, {@code durations}. */
  Line opening() {
    return opening;
  }

  int unopened() {
    return unopened;
  }

  /** Sends on a fixed schedule and discards the outcome. */
  Round warmUp(int rate, int size, double seconds) {
    pace(rate, size, seconds * lab.warmUps(target));
    return this;
  }

  /** Sends on a fixed schedule while some clients don't read, and waits for the others. */
  RoundOutcome paceTheOthers(int rate, int size, double seconds) {
    begin();
    send(Line.of("pace").with("rate", rate).with("size", size).with("seconds", seconds));
    return outcome(1);
  }

  /** Sends on a fixed schedule: this many events per second, of this many bytes. */
  RoundOutcome pace(int rate, int size, double seconds) {
    begin();
    send(Line.of("pace").with("rate", rate).with("size", size).with("seconds", seconds));
    return outcome(PATIENCE_SECONDS);
  }

  /** Sends as fast as the sockets accept. */
  RoundOutcome flood(int size, int framesPerWrite, double seconds) {
    begin();
    send(
        Line.of("flood")
            .with("frames", framesPerWrite)
            .with("size", size)
            .with("seconds", seconds));
    return outcome(PATIENCE_SECONDS);
  }

  /** Makes clients send commands that the server echoes. */
  RoundOutcome echo(int rate, double seconds) {
    begin();
    start = System.nanoTime();
    lab.load().ask(Line.of("echo").with("rate", rate).with("seconds", seconds));
    return outcome(PATIENCE_SECONDS);
  }

  /** The first clients stop reading; their latencies don't count from then on. */
  void stall(int count) {
    lab.load().ask(Line.of("stall").with("count", count));
  }

  /** All clients read again. */
  void resume() {
    lab.load().ask(Line.of("resume"));
  }

  private void begin() {
    lab.load().ask(Line.of("record"));
    bridgeBefore = target.usage();
    serverBefore = Usage.of(lab.server().pid());
    loadBefore = Usage.of(lab.load().pid());
  }

  private void send(Line order) {
    start = lab.server().ask(order).number("start");
  }

  /** The outcome since then, when all clients read again. */
  RoundOutcome rest() {
    return outcome(PATIENCE_SECONDS);
  }

  /** Waits until all messages have arrived, and returns the outcome. */
  private RoundOutcome outcome(double writingPatience) {
    Line sent = lab.server().ask(Line.of("settle").with("patience", writingPatience));
    Line report =
        lab.load()
            .ask(
                Line.of("await")
                    .with("counts", sent.text("counts"))
                    .with("patience", PATIENCE_SECONDS));
    long unsent = sent.number("unsent");
    return new RoundOutcome(
        report.number("events"),
        (report.number("lastAt") - start) / 1e9,
        target.usage().cpuSeconds() - bridgeBefore.cpuSeconds(),
        Usage.of(lab.server().pid()).cpuSeconds() - serverBefore.cpuSeconds(),
        Usage.of(lab.load().pid()).cpuSeconds() - loadBefore.cpuSeconds(),
        histogram(report.text("latencies")),
        FaultCounts.of(report, unsent, unopened));
  }

  /** Decodes a histogram of the load generator. */
  static Histogram histogram(String text) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text));
      return Histogram.decodeFromCompressedByteBuffer(bytes, 1);
    } catch (DataFormatException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends the sessions by a DELETE. */
  void farewell() {
    lab.load().ask(Line.of("close").with("farewell", true));
  }

  /** Closes the sockets without a DELETE. */
  void vanish() {
    lab.load().ask(Line.of("close").with("farewell", false));
  }

  /** Ends the sessions by a DELETE, and checks that nothing of them remains. */
  @Override
  public void close() {
    farewell();
    if (!Lab.waitFor(() -> lab.cables() == 0, CLEARING_SECONDS)) {
      lab.server().ask(Line.of("drop"));
    }
  }
}
