package cablestream.bench.lab;

/** The requests to the store that idle sessions cause. */
final class IdleStore implements Scenario {
  private static final int SESSIONS = 5_000;
  private static final int MANY_NODES = 100;
  private static final double SETTLING_SECONDS = 4;
  private static final double SECONDS = 10;

  @Override
  public String key() {
    return "idlestore";
  }

  @Override
  public String title() {
    return "the store while 5,000 sessions are idle, for 10 s, and as long as one of 100 nodes";
  }

  @Override
  public boolean needsFreshProcess() {
    return true;
  }

  @Override
  public boolean appliesTo(Target target) {
    return target.store() != null;
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    ValkeyProcess store = target.store();
    long none = store.bytes();
    double before = store.cpuSeconds();
    try (Round round = Round.streams(lab, target, SESSIONS)) {
      double opening = store.cpuSeconds() - before;
      long bytes = store.bytes();
      Measurement measurement =
          new Measurement()
              .value("store CPU µs/session opened", opening * 1e6 / SESSIONS)
              .value("B/session", (double) (bytes - none) / SESSIONS)
              .value("unopened", round.unopened());
      beats(store, "", measurement);
      store.pretend(MANY_NODES - target.urls().size());
      beats(store, " as one of 100 nodes", measurement);
      return measurement;
    }
  }

  private static void beats(ValkeyProcess store, String where, Measurement measurement) {
    Lab.rest(SETTLING_SECONDS);
    long commands = store.commands();
    long scripts = store.scripts();
    long micros = store.scriptMicros();
    Lab.rest(SECONDS);
    double beats = store.scripts() - scripts;
    measurement
        .value("beats /s" + where, beats / SECONDS)
        .value("commands within them /s" + where, (store.commands() - commands) / SECONDS)
        .value("µs/beat" + where, (store.scriptMicros() - micros) / beats);
  }
}
