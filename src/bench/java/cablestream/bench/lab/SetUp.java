package cablestream.bench.lab;

import cablestream.bench.control.Line;
import org.HdrHistogram.Histogram;

/** Many sessions at once, cold and warm, and what remains upstream after their DELETEs. */
final class SetUp implements Scenario {
  private static final int SESSIONS = 2_000;
  private static final int WARM_UPS = 3;
  private static final double LEFT_AFTER_SECONDS = 2;

  @Override
  public String key() {
    return "setup";
  }

  @Override
  public String title() {
    return "2,000 sessions set up at concurrency 20, and what is left upstream of them";
  }

  @Override
  public boolean needsFreshProcess() {
    return true;
  }

  /** If sessions continue on another node, two requests would be counted as one. */
  @Override
  public boolean appliesTo(Target target) {
    return !target.relays();
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    Measurement measurement = new Measurement();
    double before = target.usage().cpuSeconds();
    Round round = Round.streams(lab, target, SESSIONS);
    note(measurement, "cold", round, target.usage().cpuSeconds() - before);
    round.close();
    for (int i = 0; i < WARM_UPS * lab.warmUps(target); i++) {
      round = Round.streams(lab, target, SESSIONS);
      round.close();
    }
    before = target.usage().cpuSeconds();
    round = Round.streams(lab, target, SESSIONS);
    note(measurement, "warm", round, target.usage().cpuSeconds() - before);
    round.farewell();
    Lab.rest(LEFT_AFTER_SECONDS);
    measurement
        .value("cables 2 s after a farewell", lab.cables())
        .value("connections 2 s after a farewell", lab.connections());
    round.close();
    return measurement;
  }

  private static void note(Measurement measurement, String when, Round round, double cpu) {
    Line opening = round.opening();
    Histogram durations = Round.histogram(opening.text("durations"));
    measurement
        .value(when + " sessions/s", opening.integer("opened") / opening.decimal("seconds"))
        .value(when + " p50 ms", durations.getValueAtPercentile(50) / 1e6)
        .value(when + " p99 ms", durations.getValueAtPercentile(99) / 1e6)
        .value(
            when + " subscriptions/s",
            opening.integer("subscribed") / opening.decimal("subscribeSeconds"))
        .value(when + " CPU ms/session", cpu * 1e3 / opening.integer("opened"))
        .value(when + " unopened", round.unopened());
  }
}
