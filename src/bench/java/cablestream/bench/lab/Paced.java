package cablestream.bench.lab;

/** A fixed rate of small messages, by stream or by long poll: the cost of an event. */
final class Paced implements Scenario {
  private static final int SESSIONS = 1_000;
  private static final int RATE = 10_000;
  private static final int SIZE = 200;
  private static final double WARM_UP_SECONDS = 5;
  private static final double SECONDS = 10;

  private static final double FIRST_SECONDS = 13;

  private final boolean polls;
  private final boolean first;

  Paced(boolean polls) {
    this(polls, false);
  }

  private Paced(boolean polls, boolean first) {
    this.polls = polls;
    this.first = first;
  }

  /** The first seconds of a fresh process. */
  static Paced first() {
    return new Paced(false, true);
  }

  @Override
  public String key() {
    if (first) {
      return "firstpaced";
    }
    return polls ? "poll" : "paced";
  }

  @Override
  public String title() {
    return first
        ? "a fresh process: 1,000 sessions, 200 B, 10,000 events/s for 13 s from the first on"
        : "1,000 " + (polls ? "long polls" : "sessions") + ", 200 B, 10,000 events/s for 10 s";
  }

  @Override
  public boolean needsFreshProcess() {
    return first;
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    try (Round round =
        polls ? Round.polls(lab, target, SESSIONS) : Round.streams(lab, target, SESSIONS)) {
      if (first) {
        return round.pace(RATE, SIZE, FIRST_SECONDS).noteLatenciesIn(new Measurement());
      }
      round.warmUp(RATE, SIZE, WARM_UP_SECONDS);
      return round.pace(RATE, SIZE, SECONDS).noteLatenciesIn(new Measurement());
    }
  }
}
