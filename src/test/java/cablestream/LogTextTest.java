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
 * Log lines consist of the bridge's own words: they include no text of an exception, which is a
 * library's and may contain what an attacker sent, and no exception itself, because its stack trace
 * begins with that text. When the process doesn't start, no request has been received yet.
 */
class LogTextTest {
  private static final Path SOURCES = Path.of("src/main/java/cablestream");

  /** A call of a logger, up to its semicolon. */
  private static final Pattern CALL =
      Pattern.compile("(?s)\\b(LOG|log)\\.(trace|debug|info|warn|warning|error|severe)\\((.*?);\n");

  /** An exception by the names used here, or a text derived from it. */
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

  /** Such a text is passed on as strings from its origin to where it is logged. */
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
