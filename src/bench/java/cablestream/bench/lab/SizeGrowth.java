package cablestream.bench.lab;

/** How the cost of an event grows with its size. */
final class SizeGrowth implements Scenario {
  private static final int[] SIZES = {200, 1_024, 4_096, 16_384, 65_536};
  private static final int SESSIONS = 100;
  private static final int RATE = 1_000;
  private static final double WARM_UP_SECONDS = 1;
  private static final double SECONDS = 3;

  @Override
  public String key() {
    return "sizes";
  }

  @Override
  public String title() {
    return "100 sessions, 200 B to 64 KiB, 1,000 events/s";
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    Measurement measurement = new Measurement();
    try (Round round = Round.streams(lab, target, SESSIONS)) {
      for (int size : SIZES) {
        round.warmUp(RATE, size, WARM_UP_SECONDS);
        round.pace(RATE, size, SECONDS).notePointIn(measurement, target, size);
      }
    }
    return measurement;
  }
}
