package cablestream.bench.lab;

import cablestream.bench.control.Line;
import java.util.List;

/**
 * Browsers that vanish without closing their connections: a bridge notices when it writes to them,
 * so at the latest at the second heartbeat, and after the linger nothing of them may remain
 * upstream.
 */
final class Vanishing implements Scenario {
  private static final int SESSIONS = 1_000;

  /** Both are shorter than the defaults, to shorten the wait. */
  private static final int HEARTBEAT_SECONDS = 3;

  private static final int LINGER_SECONDS = 2;

  private static final double ALLOWED_SECONDS = 2 * HEARTBEAT_SECONDS + LINGER_SECONDS + 2;
  private static final double PATIENCE_SECONDS = 30;

  @Override
  public String key() {
    return "vanish";
  }

  @Override
  public String title() {
    return "1,000 browsers vanish; heartbeat 3 s, linger 2 s";
  }

  @Override
  public boolean needsFreshProcess() {
    return true;
  }

  @Override
  public List<String> settings() {
    return List.of(
        "-Dcablestream.heartbeat=" + HEARTBEAT_SECONDS + "s",
        "-Dcablestream.linger=" + LINGER_SECONDS + "s");
  }

  @Override
  public Measurement measure(Lab lab, Target target) {
    Round.streams(lab, target, SESSIONS).vanish();
    long start = System.nanoTime();
    Lab.waitFor(() -> lab.cables() == 0, ALLOWED_SECONDS);
    Measurement measurement = new Measurement().value("cables left in the end", lab.cables());
    Lab.waitFor(() -> lab.cables() == 0, PATIENCE_SECONDS);
    measurement
        .value("seconds until none is left", (System.nanoTime() - start) / 1e9)
        .value("connections left", lab.connections());
    lab.server().ask(Line.of("drop"));
    return measurement;
  }
}
