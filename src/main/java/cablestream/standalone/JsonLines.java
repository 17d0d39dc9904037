package cablestream.standalone;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.LogRecord;

/**
 * Formats each line as a JSON object, with the members {@code time}, {@code level}, {@code logger},
 * {@code message} and, for a fault, {@code stack}. Public, as the JDK instantiates it by name:
 * {@code java.util.logging.ConsoleHandler.formatter=cablestream.standalone.JsonLines} in the file
 * that {@code -Djava.util.logging.config.file} names. Any thread.
 */
public final class JsonLines extends LogLines {
  @Override
  String text(LogRecord line) {
    StringBuilder json = new StringBuilder(256);
    String time =
        DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
            line.getInstant().atZone(ZoneId.systemDefault()));
    member(json, "{\"time\":", time);
    member(json, ",\"level\":", line.getLevel().getName());
    member(json, ",\"logger\":", String.valueOf(line.getLoggerName()));
    member(json, ",\"message\":", formatMessage(line));
    if (line.getThrown() != null) {
      member(json, ",\"stack\":", stack(line.getThrown()));
    }
    return json.append("}\n").toString();
  }

  private static void member(StringBuilder json, String name, String value) {
    json.append(name).append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
