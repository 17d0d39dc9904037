package cablestream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is logged is the bridge's own words: no text of an exception, which is a library's and may
 * hold what a stranger sent, and no exception as it is, whose stack trace begins with that text.
 * Where the process doesn't start, nobody has sent anything yet.
 */
class LogTextTest {
  private static final Path SOURCES = Path.of("src/main/java/cablestream");

  /** A call of a logger's, up to its semicolon. */
  private static final Pattern CALL =
      Pattern.compile("(?s)\\b(LOG|log)\\.(trace|debug|info|warn|warning|error|severe)\\((.*?);\n");

  /** An exception by the names that ours have, or a text that it makes. */
  private static final Pattern TEXT =
      Pattern.compile(
          "getMessage\\(|getLocalizedMessage\\(|(?<!\\()\\b(e|failure|fault|cause|error|latest)"
              + "(\\.toString\\(\\))?\\s*\\)\\s*$");

  @Test
  void noLogLineTakesAnExceptionOrItsText() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        Matcher call = CALL.matcher(Files.readString(file));
        while (call.find()) {
          boolean starts = call.group(3).matches("(?s).*event=(not_started|bad_configuration).*");
          if (!starts && TEXT.matcher(call.group(3)).find()) {
            found.add(SOURCES.relativize(file) + ": " + call.group());
          }
        }
      }
    }
    assertThat(found).isEmpty();
  }

  /** Such a text travels by strings from where it arises to where it is logged. */
  @Test
  void noFailureIsMadeAString() throws IOException {
    Pattern made =
        Pattern.compile("valueOf\\((e|failure|fault|cause)\\b|\\b(e|failure|fault)\\.toString");
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        for (String line : Files.readAllLines(file)) {
          if (made.matcher(line).find()) {
            found.add(SOURCES.relativize(file) + ": " + line.strip());
          }
        }
      }
    }
    assertThat(found).isEmpty();
  }
}
