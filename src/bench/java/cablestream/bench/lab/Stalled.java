package cablestream.bench.lab;

/** Some clients stop reading: the effect on the others, and what is lost when they read again. */
final class Stalled implements Scenario {
  private static final int SESSIONS = 100;
  private static final int STALLED = 10;
  private static final int SIZE = 2_048;
  private static final int WARM_UP_RATE = 7_500;
  private static final double WARM_UP_SECONDS = 5;
  private static final double SECONDS = 10;

  private final int rate;

  Stalled(int rate) {
    this.rate = rate;
  }

  @Override
  public String key() {
    return "stalled" + rate;
  }

  @Override
  public String title() {
    return "100 sessions, 2 KiB, %,d events/s for 10 s, 10 of them don't read".formatted(rate);
  }

  @Override
  public boolean needsFreshProcess() {
    return true;
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    Measurement measurement = new Measurement();
    try (Round round = Round.streams(lab, target, SESSIONS)) {
      round.warmUp(WARM_UP_RATE, SIZE, WARM_UP_SECONDS);
      round.stall(STALLED);
      try (RssWatch watch = new RssWatch(target.pid())) {
        round.paceTheOthers(rate, SIZE, SECONDS).noteLatenciesIn(measurement);
        measurement.value("RSS growth MiB", watch.growth() / 1024.0 / 1024);
        for (RssWatch.Sample sample : watch.samples()) {
          measurement.point("RSS MiB", sample.seconds(), sample.bytes() / 1024.0 / 1024);
        }
      }
      round.resume();
      FaultCounts inTheEnd = round.rest().faults();
      inTheEnd.noteIn(measurement);
      // What the stalled clients didn't receive at once isn't a fault.
      measurement.value(FaultCounts.UNSENT, inTheEnd.counts().get(FaultCounts.UNSENT));
    }
    return measurement;
  }
}
