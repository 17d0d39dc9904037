package cablestream.bench.lab;

import cablestream.bench.control.Line;
import org.HdrHistogram.Histogram;

/**
 * A server that is gone for a while and then welcomes connections at a fixed rate: the time until
 * each session has a message again. The sessions and their streams stay.
 */
final class Outage implements Scenario {
  private static final int SIZE = 200;
  private static final double AWAY_SECONDS = 20;
  private static final int WELCOMES_PER_SECOND = 200;
  private static final double PATIENCE_SECONDS = 120;

  private final int sessions;

  Outage(int sessions) {
    this.sessions = sessions;
  }

  @Override
  public String key() {
    return "outage" + sessions;
  }

  @Override
  public String title() {
    return "%,d sessions, a server that is gone for %.0f s and then welcomes %d a second"
        .formatted(sessions, AWAY_SECONDS, WELCOMES_PER_SECOND);
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
    try (Round round = Round.streams(lab, target, sessions)) {
      round.warmUp(sessions, SIZE, 5);
      lab.load().ask(Line.of("herd"));
      meet(lab, "close");
      lab.server().ask(Line.of("drop"));
      Lab.rest(AWAY_SECONDS);
      long ready = System.nanoTime();
      lab.server().ask(Line.of("welcome").with("rate", WELCOMES_PER_SECOND));
      Lab.waitFor(() -> lab.back(ready).integer("heard") == sessions, PATIENCE_SECONDS);
      Line back = lab.back(ready);
      Histogram times = Round.histogram(back.text("messages"));
      return new Measurement()
          .value("seconds that so many welcomes take", (double) sessions / WELCOMES_PER_SECOND)
          .value("until the first session has a message", times.getMinValue() / 1e9)
          .value("half", times.getValueAtPercentile(50) / 1e9)
          .value("99 %", times.getValueAtPercentile(99) / 1e9)
          .value("all", times.getMaxValue() / 1e9)
          .value("without a message in the end", sessions - back.integer("heard"))
          .value("streams refused", back.integer("refused"))
          .value("commands failed", back.integer("failedCommands"));
    } finally {
      meet(lab, "welcome");
    }
  }

  private static void meet(Lab lab, String how) {
    lab.server().ask(Line.of("meet").with("how", how));
  }
}
