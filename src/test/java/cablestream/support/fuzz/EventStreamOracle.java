package cablestream.support.fuzz;

import java.util.ArrayList;
import java.util.List;

/** Reads an event stream as a browser does (HTML, "Server-sent events", 9.2.5 and 9.2.6). */
public final class EventStreamOracle {
  /** What {@code onmessage} and other listeners receive. */
  public record Dispatched(String type, String data, String lastEventId) {}

  private final List<Dispatched> dispatched = new ArrayList<>();
  private String data = "";
  private String type = "";
  private String lastEventId = "";

  /** All events of a whole stream; an unfinished one at its end is not dispatched. */
  public static List<Dispatched> read(byte[] stream) {
    String text = JsonOracle.text(stream);
    if (text == null) {
      throw new AssertionError("The stream isn't UTF-8");
    }
    EventStreamOracle oracle = new EventStreamOracle();
    // Lines end with CR LF, LF or CR; what follows the last end isn't a line.
    String[] lines = text.split("\r\n|\n|\r", -1);
    for (int i = 0; i < lines.length - 1; i++) {
      oracle.take(lines[i]);
    }
    return oracle.dispatched;
  }

  private void take(String line) {
    int colon = line.indexOf(':');
    if (line.isEmpty()) {
      dispatch();
    } else if (colon < 0) {
      field(line, "");
    } else if (colon > 0) {
      String value = line.substring(colon + 1);
      field(line.substring(0, colon), value.startsWith(" ") ? value.substring(1) : value);
    }
  }

  private void field(String name, String value) {
    switch (name) {
      case "event" -> type = value;
      case "data" -> data += value + "\n";
      case "id" -> lastEventId = value.indexOf('\0') < 0 ? value : lastEventId;
      default -> {}
    }
  }

  private void dispatch() {
    if (!data.isEmpty()) {
      dispatched.add(
          new Dispatched(
              type.isEmpty() ? "message" : type,
              data.substring(0, data.length() - 1),
              lastEventId));
    }
    data = "";
    type = "";
  }
}
