package cablestream.bench.lab;

/** There and back: a command that the server answers with a message. */
final class Echo implements Scenario {
  private static final int SESSIONS = 50;
  private static final int RATE = 500;
  private static final double WARM_UP_SECONDS = 4;
  private static final double SECONDS = 6;

  @Override
  public String key() {
    return "echo";
  }

  @Override
  public String title() {
    return "50 sessions, 500 echoes/s for 6 s";
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    try (Round round = Round.streams(lab, target, SESSIONS)) {
      round.echo(RATE, WARM_UP_SECONDS * target.warmUps());
      return round.echo(RATE, SECONDS).noteLatenciesIn(new Measurement());
    }
  }
}
