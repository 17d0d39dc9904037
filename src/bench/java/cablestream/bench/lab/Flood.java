package cablestream.bench.lab;

/** The highest possible rate: how many events per second arrive. */
final class Flood implements Scenario {
  private static final int SESSIONS = 200;
  private static final int SIZE = 200;
  private static final double SECONDS = 3;

  private final int framesPerWrite;
  private final double warmUpSeconds;

  /**
   * @param framesPerWrite of the simulated server
   * @param warmUpSeconds the duration of a flood that isn't measured, before the one that is
   */
  Flood(int framesPerWrite, double warmUpSeconds) {
    this.framesPerWrite = framesPerWrite;
    this.warmUpSeconds = warmUpSeconds;
  }

  @Override
  public String key() {
    return "flood" + framesPerWrite;
  }

  @Override
  public String title() {
    String frames = framesPerWrite == 1 ? "one frame" : framesPerWrite + " frames";
    return "200 sessions, 200 B, full speed, " + frames + " a write";
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    try (Round round = Round.streams(lab, target, SESSIONS)) {
      round.flood(SIZE, framesPerWrite, warmUpSeconds * lab.warmUps(target));
      return round.flood(SIZE, framesPerWrite, SECONDS).noteIn(new Measurement());
    }
  }
}
