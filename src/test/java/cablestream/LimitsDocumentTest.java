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

/** docs/limits.md speaks of everything that bounds something, and of nothing else. */
class LimitsDocumentTest {
  private static final Path DOCUMENT = Path.of("docs/limits.md");

  /** A bound in the code is called so. */
  private static final Pattern CONSTANT =
      Pattern.compile(
          "static final (?:int|long|Duration) ((?:MAX|LIFETIME|TIMEOUT)[A-Z_]*) =\\s*([^;]+);");

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
  void everyBoundInTheCodeIsListedAsItStandsThere() throws IOException {
    Map<String, String> listed = new TreeMap<>();
    rows("constants")
        .map(row -> row.split(" *\\| *"))
        .forEach(cells -> listed.put(cells[1].replace("`", ""), cells[2].replace("`", "")));

    assertThat(listed).containsExactlyInAnyOrderEntriesOf(constants());
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

  /** Those of the table, without its head. */
  private static Stream<String> rows(String part) throws IOException {
    return part(part).lines().filter(line -> line.startsWith("| `"));
  }
}
