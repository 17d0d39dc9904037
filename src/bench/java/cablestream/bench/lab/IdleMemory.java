package cablestream.bench.lab;

/** The memory of an idle session: the slope from few to many. */
final class IdleMemory implements Scenario {
  private static final int FEW = 1_000;
  private static final int MANY = 5_000;
  private static final double SETTLING_SECONDS = 4;

  @Override
  public String key() {
    return "memory";
  }

  @Override
  public String title() {
    return "idle memory at 1,000 and 5,000 sessions";
  }

  @Override
  public boolean needsFreshProcess() {
    return true;
  }

  @Override
  public boolean appliesTo(Target target) {
    return target.pid() != 0;
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    Measurement measurement = new Measurement();
    long none = Usage.of(target.pid()).rssBytes();
    try (Round round = Round.streams(lab, target, FEW)) {
      long few = settled(target);
      for (int open = FEW; open < MANY; open += FEW) {
        // In steps, as a session has the room of its first POST until it has subscribed.
        round.open(FEW);
      }
      long many = settled(target);
      measurement.point("RSS MiB", 0, mebibytes(none));
      measurement.point("RSS MiB", FEW, mebibytes(few));
      measurement.point("RSS MiB", MANY, mebibytes(many));
      measurement
          .value("RSS MiB at 0", mebibytes(none))
          .value("RSS MiB at 1,000", mebibytes(few))
          .value("RSS MiB at 5,000", mebibytes(many))
          .value("KiB/session", (many - few) / 1024.0 / (MANY - FEW))
          .value("unopened", round.unopened());
      LiveHeap.of(target.pid())
          .ifPresent(live -> measurement.value("live heap MiB at 5,000", mebibytes(live)));
    }
    return measurement;
  }

  private static long settled(Target target) {
    Lab.rest(SETTLING_SECONDS);
    return Usage.of(target.pid()).rssBytes();
  }

  private static double mebibytes(long bytes) {
    return bytes / 1024.0 / 1024;
  }
}
