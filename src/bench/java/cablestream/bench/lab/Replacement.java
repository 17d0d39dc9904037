package cablestream.bench.lab;

import cablestream.bench.control.Line;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/**
 * A process ends and another one replaces it, to which all browsers reconnect: how long that takes,
 * and how long events to clients that have reconnected wait meanwhile.
 */
final class Replacement implements Scenario {
  private static final int SIZE = 200;
  private static final double SLICE_SECONDS = 0.25;
  private static final double PATIENCE_SECONDS = 120;

  private final int sessions;
  private final boolean killed;

  Replacement(int sessions, boolean killed) {
    this.sessions = sessions;
    this.killed = killed;
  }

  @Override
  public String key() {
    return (killed ? "killed" : "herd") + sessions;
  }

  @Override
  public String title() {
    return "%,d sessions, a process that is %s and replaced, an event a second to each"
        .formatted(sessions, killed ? "killed" : "drained");
  }

  @Override
  public boolean needsFreshProcess() {
    return true;
  }

  @Override
  public boolean appliesTo(Target target) {
    return target instanceof JarBridge;
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    JarBridge bridge = (JarBridge) target;
    Measurement measurement = new Measurement();
    try (Round round = Round.streams(lab, target, sessions)) {
      round.warmUp(sessions, SIZE, 5);
      lab.load().ask(Line.of("herd"));
      lab.load().ask(Line.of("record"));
      long gone = System.nanoTime();
      long[] ready = new long[1];
      CompletableFuture<Void> replaced =
          CompletableFuture.runAsync(
              () -> {
                replace(bridge);
                ready[0] = System.nanoTime();
              });
      Line back = talkUntilAllAreBack(lab, gone, replaced);
      Histogram times = Round.histogram(back.text("times"));
      double untilReady = (ready[0] - gone) / 1e9;
      Histogram waits = waits(lab);
      return measurement
          .value("seconds until the new one is ready", untilReady)
          .value("then until 1 % are back", times.getValueAtPercentile(1) / 1e9 - untilReady)
          .value("half", times.getValueAtPercentile(50) / 1e9 - untilReady)
          .value("99 %", times.getValueAtPercentile(99) / 1e9 - untilReady)
          .value("all", times.getMaxValue() / 1e9 - untilReady)
          .value("away in the end", back.integer("away"))
          .value("streams refused", back.integer("refused"))
          .value("commands failed", back.integer("failedCommands"))
          .value("events meanwhile", waits.getTotalCount())
          .value("their p50 ms", waits.getValueAtPercentile(50) / 1e6)
          .value("their p99 ms", waits.getValueAtPercentile(99) / 1e6)
          .value("their max ms", waits.getMaxValue() / 1e6);
    }
  }

  private void replace(JarBridge bridge) {
    if (killed) {
      bridge.replaceKilled();
    } else {
      bridge.restart();
    }
  }

  /**
   * Sends one event per second to each connected client, in slices, because the set of clients
   * changes.
   */
  private Line talkUntilAllAreBack(Lab lab, long gone, CompletableFuture<Void> replaced) {
    long deadline = System.nanoTime() + (long) (PATIENCE_SECONDS * 1e9);
    Line back = lab.back(gone);
    while (System.nanoTime() < deadline && (!replaced.isDone() || back.integer("away") > 0)) {
      int there = sessions - back.integer("away");
      if (there > 0 && lab.cables() > 0) {
        talk(lab, there);
      } else {
        Lab.rest(SLICE_SECONDS);
      }
      back = lab.back(gone);
    }
    replaced.join();
    return back;
  }

  private static void talk(Lab lab, int rate) {
    try {
      lab.server()
          .ask(
              Line.of("pace").with("rate", rate).with("size", SIZE).with("seconds", SLICE_SECONDS));
    } catch (IllegalStateException e) {
      Lab.rest(SLICE_SECONDS); // all have disconnected in between
    }
  }

  /**
   * The waits of all events received so far; events lost with a killed process are never received.
   */
  private static Histogram waits(Lab lab) {
    Line report = lab.load().ask(Line.of("await").with("counts", "").with("patience", 1));
    return Round.histogram(report.text("latencies"));
  }
}
