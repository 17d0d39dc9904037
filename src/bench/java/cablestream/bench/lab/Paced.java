package cablestream.bench.lab;

/** A fixed rate of small messages, by stream or by long poll: what an event costs. */
final class Paced implements Scenario {
  private static final int SESSIONS = 1_000;
  private static final int RATE = 10_000;
  private static final int SIZE = 200;
  private static final double WARM_UP_SECONDS = 5;
  private static final double SECONDS = 10;

  private final boolean polls;

  Paced(boolean polls) {
    this.polls = polls;
  }

  @Override
  public String key() {
    return polls ? "poll" : "paced";
  }

  @Override
  public String title() {
    return "1,000 " + (polls ? "long polls" : "sessions") + ", 200 B, 10,000 events/s for 10 s";
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    try (Round round =
        polls ? Round.polls(lab, target, SESSIONS) : Round.streams(lab, target, SESSIONS)) {
      round.warmUp(RATE, SIZE, WARM_UP_SECONDS);
      return round.pace(RATE, SIZE, SECONDS).noteLatenciesIn(new Measurement());
    }
  }
}
