package cablestream.bench.soak;

import cablestream.bench.lab.JarBridge;
import cablestream.bench.lab.Lab;
import cablestream.bench.report.Circumstances;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Repeats all of {@link Phase} with one bridge until the time is over, and observes the process in
 * between. {@code src/bench/README.md} describes how to run it.
 */
public final class Soak {
  private static final Path TABLE = Path.of("target", "bench", "soak.md");

  /**
   * The outcome of one phase.
   *
   * @param after the state of the process when it was idle again
   * @param returned whether that is as before
   */
  record Outcome(
      int round,
      Phase phase,
      long seconds,
      long asked,
      String failed,
      Sight after,
      boolean returned) {}

  private final List<Outcome> outcomes = new ArrayList<>();
  private final int sessions;
  private Sight before;

  private Soak(int sessions) {
    this.sessions = sessions;
  }

  /**
   * Exits with 1 if the process isn't as before.
   *
   * @param arguments of the benchmark, ignored here; the system properties {@code soak.minutes} and
   *     {@code soak.sessions} are used
   */
  public static void main(String[] arguments) throws IOException {
    int minutes = Integer.getInteger("soak.minutes", 60);
    int sessions = Integer.getInteger("soak.sessions", 1_000);
    Soak soak = new Soak(sessions);
    Files.createDirectories(TABLE.getParent());
    soak.run(Duration.ofMinutes(minutes));
    String table = soak.table(minutes);
    Files.writeString(TABLE, table);
    System.out.println("\n" + table + "\n" + TABLE);
    System.exit(soak.outcomes.stream().allMatch(Outcome::returned) ? 0 : 1);
  }

  /** Runs each phase at least once, however long it takes. */
  private void run(Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    try (Lab lab = new Lab(0);
        JarBridge bridge = new JarBridge("soak.log", lab.cable(), List.of())) {
      warmUp(lab, bridge);
      for (int round = 1; round == 1 || System.nanoTime() < end; round++) {
        for (Phase phase : Phase.values()) {
          if (round == 1 || System.nanoTime() < end) {
            run(round, phase, lab, bridge);
          }
        }
      }
    }
  }

  /** So that the cost of a first time isn't taken for a leak. */
  private void warmUp(Lab lab, JarBridge bridge) {
    SoakStage stage = new SoakStage(lab, bridge, sessions, new Failures());
    stage.open(sessions);
    stage.talk();
    stage.leave(true);
    stage.settle();
    before = Sight.of(bridge);
    System.out.println("before: " + before);
  }

  private void run(int round, Phase phase, Lab lab, JarBridge bridge) throws IOException {
    System.out.println("round " + round + ": " + phase + ", " + phase.what());
    Failures failures = new Failures();
    SoakStage stage = new SoakStage(lab, bridge, sessions, failures);
    long pid = bridge.pid();
    long start = System.nanoTime();
    String metrics = bridge.metrics();
    boolean works = false;
    try {
      phase.happen(stage);
      works = stage.works();
    } catch (IllegalStateException e) {
      failures.add("given up, as " + e.getMessage().replace('_', ' '), 1);
      stage.leave(false);
    }
    stage.settle();
    if (bridge.pid() == pid) {
      failures.addRefused(metrics, bridge.metrics());
    }
    Sight after = Sight.of(bridge);
    long seconds = (System.nanoTime() - start) / 1_000_000_000;
    Outcome outcome =
        new Outcome(
            round,
            phase,
            seconds,
            failures.asked(),
            failures.toString(),
            after,
            works && after.isAs(before));
    outcomes.add(outcome);
    System.out.println(row(outcome));
  }

  private String table(int minutes) {
    StringBuilder table = new StringBuilder();
    table
        .append("| round | what happens | took | sessions asked for | failed | sessions left |")
        .append(" descriptors | threads | heap after collection, MiB | RSS, MiB | |\n")
        .append("|---|---|---|---|---|---|---|---|---|---|---|\n")
        .append("| | nothing yet, after " + sessions + " sessions have come and gone | | | | ")
        .append(before + " | |\n");
    outcomes.forEach(outcome -> table.append(row(outcome)).append('\n'));
    table.append('\n');
    String command = "mvn -f src/bench/pom.xml test exec:exec@soak -Dsoak.minutes=" + minutes;
    Circumstances.now(command + " -Dsoak.sessions=" + sessions)
        .forEach((name, value) -> table.append(name + ": " + value + "; "));
    return table.append('\n').toString();
  }

  private static String row(Outcome outcome) {
    return "| %d | %s | %d s | %d | %s | %s | %s |"
        .formatted(
            outcome.round(),
            outcome.phase().what(),
            outcome.seconds(),
            outcome.asked(),
            outcome.failed(),
            outcome.after(),
            outcome.returned() ? "✓" : "✗");
  }
}
