package cablestream.bench.lab;

/** How the cost of an event grows with the number of sessions at a constant total rate. */
final class SessionGrowth implements Scenario {
  private static final int[] SESSIONS = {500, 1_000, 2_000, 5_000};
  private static final int RATE = 5_000;
  private static final int SIZE = 200;
  private static final double WARM_UP_SECONDS = 1;
  private static final double SECONDS = 4;

  @Override
  public String key() {
    return "sessions";
  }

  @Override
  public String title() {
    return "500 to 5,000 sessions, 200 B, 5,000 events/s in all";
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    Measurement measurement = new Measurement();
    try (Round round = Round.streams(lab, target, SESSIONS[0])) {
      int open = SESSIONS[0];
      for (int sessions : SESSIONS) {
        if (sessions > open) {
          round.open(sessions - open);
          open = sessions;
        }
        round.warmUp(RATE, SIZE, WARM_UP_SECONDS);
        round.pace(RATE, SIZE, SECONDS).notePointIn(measurement, target, sessions);
      }
    }
    return measurement;
  }
}
