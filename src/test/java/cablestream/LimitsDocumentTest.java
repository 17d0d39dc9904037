package cablestream;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.memory.Account;
import cablestream.memory.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/limits.md lists every bound, and nothing else. */
class LimitsDocumentTest {
  private static final Path DOCUMENT = Path.of("docs/limits.md");

  /** The name of a bound in the code. */
  private static final Pattern CONSTANT =
      Pattern.compile(
          "static final (?:int|long|Duration) ((?:MAX|LIFETIME|TIMEOUT)[A-Z_]*) =\\s*([^;]+);");

  /** Values computed by the code, as an operator reads them. */
  private static final Map<String, String> COMPUTED =
      Map.of(
          "(int) HttpSettings.MAX_POLL_TIMEOUT.toSeconds()", "60",
          "Math.max(8, 4 + 2 * PROCESSORS)", "4 and 2 a processor, at least 8",
          "(1 << TIMES_BITS) - 1", "127");

  @Test
  void everyKindOfTheAccountIsListedInItsOrderWithItsBound() throws IOException {
    List<String> bounds =
        rows("kinds")
            .map(row -> String.join(" ", List.of(row.split(" *\\| *")).subList(1, 4)))
            .toList();

    assertThat(bounds)
        .containsExactlyElementsOf(
            Stream.of(Kind.values())
                .map(kind -> "`" + kind + "` " + limit(96, kind) + " " + limit(512, kind))
                .toList());
  }

  private static String limit(long heapMebibytes, Kind kind) {
    long heap = heapMebibytes << 20;
    long limit = new Account(heap, Account.defaultLogs(heap)).limit(kind);
    return String.format(Locale.ROOT, "%.1f MiB", limit / 1_048_576.0);
  }

  @Test
  void everyBoundInTheCodeIsListedWithItsValue() throws IOException {
    Map<String, String> constants = constants();
    Map<String, String> expected = new TreeMap<>();
    Map<String, String> listed = new TreeMap<>();
    part("constants")
        .lines()
        .filter(line -> line.endsWith("` |"))
        .map(row -> row.split(" *\\| *"))
        .forEach(
            cells -> {
              String name = cells[4].replace("`", "");
              listed.put(name, cells[2]);
              expected.put(name, plain(name, cells[1], constants.getOrDefault(name, "missing")));
            });

    assertThat(listed.keySet()).isEqualTo(constants.keySet());
    assertThat(listed).isEqualTo(expected);
  }

  /** As an operator reads it: a duration, a size if bytes are limited, or a number. */
  private static String plain(String name, String what, String expression) {
    Matcher seconds = Pattern.compile("Duration\\.ofSeconds\\((\\d+)\\)").matcher(expression);
    if (seconds.matches()) {
      return seconds.group(1) + " s";
    }
    if (!expression.matches("[0-9_]+L?( (\\*|<<) [0-9_]+)*")) {
      return COMPUTED.getOrDefault(expression, expression);
    }
    long value = value(expression);
    if (name.endsWith("MILLIS")) {
      return value / 1_000 + " s";
    }
    if (what.startsWith("bytes") && value % 1_024 == 0) {
      return value % (1 << 20) == 0 ? (value >> 20) + " MiB" : (value >> 10) + " KiB";
    }
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** An expression of whole numbers with {@code *}, or one {@code <<}. */
  private static long value(String expression) {
    String[] shift = expression.replaceAll("[_L]", "").split(" << ");
    long value =
        Stream.of(shift[0].split(" \\* ")).mapToLong(Long::parseLong).reduce(1, (a, b) -> a * b);
    return shift.length == 1 ? value : value << Long.parseLong(shift[1]);
  }

  private static Map<String, String> constants() throws IOException {
    Map<String, String> constants = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        Matcher matcher = CONSTANT.matcher(Files.readString(file));
        String type = file.getFileName().toString().replace(".java", "");
        while (matcher.find()) {
          constants.put(type + "." + matcher.group(1), matcher.group(2));
        }
      }
    }
    return constants;
  }

  private static String part(String name) throws IOException {
    String text = Files.readString(DOCUMENT);
    int start = text.indexOf("-->", text.indexOf("<!-- " + name + ":"));
    return text.substring(start, text.indexOf("<!-- /" + name + " -->"));
  }

  /** The rows of the table, without its head. */
  private static Stream<String> rows(String part) throws IOException {
    return part(part).lines().filter(line -> line.startsWith("| `"));
  }
}
