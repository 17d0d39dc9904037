package cablestream.chaos;

import cablestream.bench.report.Circumstances;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs drills as an operator would: each {@link Drill} has bridges of its own and their clients.
 * {@code src/bench/README.md} describes how to run it.
 */
public final class Drills {
  /** The number of clients of a drill. */
  static final int CLIENTS = Integer.getInteger("drills.clients", 100);

  private static final Path TABLE = Path.of("target", "bench", "drills.md");
  private static final double CALM_SECONDS = 2;
  private static final Duration TIME_TO_RETURN = Duration.ofSeconds(60);

  /** No drill begins after this time. */
  private static final Duration LIMIT = Duration.ofMinutes(14);

  private Drills() {}

  /**
   * Exits with 1 if a drill fails.
   *
   * @param arguments none; the system properties {@code drills.war}, {@code drills.clients} and
   *     {@code drills.only} select what is run
   */
  public static void main(String[] arguments) throws IOException {
    Path war = Path.of(System.getProperty("drills.war", "target/cablestream.war"));
    String only = System.getProperty("drills.only", "all");
    List<Drill> drills =
        Arrays.stream(Drill.values())
            .filter(drill -> only.equals("all") || List.of(only.split(",")).contains(drill.key()))
            .toList();
    Files.createDirectories(TABLE.getParent());
    StringBuilder table = new StringBuilder();
    table
        .append("| drill | clients | lost without a word | lost and announced | twice |")
        .append(" commands failed and said / lost | back after: p50, longest | |\n")
        .append("|---|--:|--:|--:|--:|--:|--:|---|\n");
    boolean clean = !drills.isEmpty();
    long first = System.nanoTime();
    for (Drill drill : drills) {
      System.out.println(drill.key() + " …");
      long start = System.nanoTime();
      String row = start - first < LIMIT.toNanos() ? row(drill, war) : notRun(drill);
      clean &= row.endsWith("✓ |");
      System.out.printf(Locale.ROOT, "%s  (%.0f s)%n", row, (System.nanoTime() - start) / 1e9);
      table.append(row).append('\n');
      Files.writeString(TABLE, table);
    }
    table.append('\n');
    Circumstances.now("mvn -f src/bench/pom.xml test exec:exec@drills -Ddrills.clients=" + CLIENTS)
        .forEach((name, value) -> table.append(name + ": " + value + "; "));
    Files.writeString(TABLE, table.append('\n'));
    System.out.println("\n" + table + "\n" + TABLE);
    System.exit(clean ? 0 : 1);
  }

  private static String row(Drill drill, Path war) throws IOException {
    try (DrillStage stage = new DrillStage(drill.site(), war, CLIENTS)) {
      stage.open();
      stage.rest(CALM_SECONDS);
      drill.happen(stage);
      stage.forAll(EventLedger::lookForMessage);
      stage.await(TIME_TO_RETURN, () -> stage.silent() == 0);
      List<Double> back = stage.backAfter();
      long silent = stage.silent();
      stage.rest(CALM_SECONDS);
      Report report = stage.finish();
      if (!report.isClean()) {
        System.out.println(report.violations());
      }
      return row(drill, report, back, silent);
    } catch (IllegalStateException | AssertionError e) {
      e.printStackTrace();
      return "| %s | %d | | | | | | ✗ %s |".formatted(drill, CLIENTS, firstLine(e));
    }
  }

  private static String row(Drill drill, Report report, List<Double> back, long silent) {
    Verdict<EventFate> events = report.events();
    Verdict<CommandFate> commands = report.commands();
    String times =
        back.isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                "%.1f s, %.1f s",
                back.get(back.size() / 2),
                back.get(back.size() - 1));
    boolean good = report.isClean() && silent == 0;
    return "| %s | %d | %d | %d | %d | %d / %d | %s%s | %s |"
        .formatted(
            drill,
            CLIENTS,
            events.count(EventFate.LOST_UNANNOUNCED),
            events.count(EventFate.ANNOUNCED),
            events.count(EventFate.DUPLICATED) + commands.count(CommandFate.DUPLICATED),
            commands.count(CommandFate.FAILED)
                + commands.count(CommandFate.UNKNOWN)
                + commands.count(CommandFate.BROKEN),
            commands.count(CommandFate.LOST),
            times,
            silent > 0 ? "; %d not".formatted(silent) : "",
            good ? "✓" : "✗");
  }

  private static String notRun(Drill drill) {
    return "| %s | %d | | | | | | not run: the time was up |".formatted(drill, CLIENTS);
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
