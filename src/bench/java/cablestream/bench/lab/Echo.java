package cablestream.bench.lab;

/** Round trips: commands to which the server responds with a message. */
final class Echo implements Scenario {
  private static final int SESSIONS = 50;
  private static final int RATE = 500;
  private static final double WARM_UP_SECONDS = 4;
  private static final double SECONDS = 6;

  private static final double FIRST_SECONDS = 8;

  private final boolean first;

  Echo() {
    this(false);
  }

  /**
   * @param first whether these are the first 4,000 of a fresh process
   */
  Echo(boolean first) {
    this.first = first;
  }

  @Override
  public String key() {
    return first ? "firstecho" : "echo";
  }

  @Override
  public String title() {
    return first
        ? "a fresh process: 50 sessions, the first 4,000 echoes, at 500/s"
        : "50 sessions, 500 echoes/s for 6 s";
  }

  @Override
  public boolean needsFreshProcess() {
    return first;
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    try (Round round = Round.streams(lab, target, SESSIONS)) {
      if (first) {
        return round.echo(RATE, FIRST_SECONDS).noteLatenciesIn(new Measurement());
      }
      round.echo(RATE, WARM_UP_SECONDS * lab.warmUps(target));
      return round.echo(RATE, SECONDS).noteLatenciesIn(new Measurement());
    }
  }
}
