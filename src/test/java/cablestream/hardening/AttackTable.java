package cablestream.hardening;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The table of all attacks' results: written to target/attacks.csv after each attack, and finally
 * to docs/results, with the machine's data in SECURITY.md.
 */
final class AttackTable {
  private static final Path FILE = Path.of("target", "attacks.csv");
  private static final Path PUBLISHED = Path.of("docs", "results", "attacks.csv");
  private static final Path DOCUMENT = Path.of("SECURITY.md");
  private static final String START = "<!-- attacks: made by AttacksIT, with the rows -->\n";
  private static final String END = "<!-- /attacks -->";

  private final List<Outcome> outcomes = new ArrayList<>();

  void add(Outcome outcome) {
    outcomes.add(outcome);
    try {
      Files.writeString(FILE, text());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text() {
    return Outcome.HEAD + outcomes.stream().map(Outcome::line).collect(Collectors.joining());
  }

  /** Replaces the published table. */
  void publish() throws IOException {
    Files.writeString(PUBLISHED, text());
    String document = Files.readString(DOCUMENT);
    int start = document.indexOf(START) + START.length();
    int end = document.indexOf(END);
    Files.writeString(
        DOCUMENT,
        document.substring(0, start) + "\n" + machine() + "\n\n" + document.substring(end));
  }

  private static String machine() throws IOException {
    return """
        Measured on %d processors (%s), Java %s, -Xmx%dm %s,
        the attackers' bytes limited to a gigabit a second, on bridges that had been at work for some
        seconds, on %s."""
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            processor(),
            Runtime.version(),
            Siege.HEAP_MEBIBYTES,
            Siege.OPTIONS,
            LocalDate.now());
  }

  private static String processor() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
