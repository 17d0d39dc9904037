package cablestream.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogLinesTest {
  private static LogRecord line(String logger, String message, Throwable thrown) {
    LogRecord line = new LogRecord(Level.WARNING, message);
    line.setLoggerName(logger);
    line.setThrown(thrown);
    return line;
  }

  @Test
  void theBridgesOwnLinesStayAsTheyAre() {
    assertThat(new LogLines().format(line("cablestream.Bootstrap", "event=stopped", null)))
        .contains("event=stopped");
  }

  @Test
  void ofALibrarysOnlyTheKindIsLogged() {
    IOException thrown = new IOException("of /an-events-id", new IllegalStateException("hush"));
    String text = new LogLines().format(line("org.example.Parser", "Host: hush", thrown));
    assertThat(text)
        .contains("event=library_message times=1 fault=java.io.IOException,java.lang.Illegal")
        .contains("org.example.Parser")
        .doesNotContain("hush", "an-events-id");
  }

  @Test
  void ofALibraryThatLogsOftenThereIsALineAMinute() {
    LogLines lines = new LogLines();
    assertThat(
            IntStream.range(0, 1_000)
                .mapToObj(i -> lines.format(line("org.example.Parser", "Host: " + i, null))))
        .filteredOn(text -> !text.isEmpty())
        .hasSize(1);
    assertThat(lines.format(line("org.example.Other", "", null))).isNotEmpty();
  }

  @Test
  void aLineInJson() {
    String message = "event=\"a\\b\"\u0001\u2028 \ud800";
    String text =
        new JsonLines().format(line("cablestream.Bootstrap", message, new IOException("hush")));
    assertThat(text).endsWith("}\n").doesNotContain("hush").hasLineCount(1);
    JsonObject json = Json.createReader(new StringReader(text)).readObject();
    assertThat(json.getString("level")).isEqualTo("WARNING");
    assertThat(json.getString("logger")).isEqualTo("cablestream.Bootstrap");
    assertThat(json.getString("message")).isEqualTo(message);
    assertThat(json.getString("stack")).startsWith("java.io.IOException\n\tat ");
    assertThat(json.getString("time")).matches("\\d{4}-\\d\\d-\\d\\dT.*");
  }
}
