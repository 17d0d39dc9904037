package cablestream.support.wire;

/** The algorithm "interpreting an event stream" of the HTML standard, for one stream. */
public final class EventStreamParser {
  private final StringBuilder data = new StringBuilder();
  private String name = "";
  private String id = "";
  private String retry;

  /**
   * Processes the next line, without its end.
   *
   * @return the event that ends with it; null for none
   * @throws IllegalStateException if a field isn't one of the standard's
   */
  public StreamedEvent take(String line) {
    if (line.isEmpty()) {
      return dispatch();
    }
    int colon = line.indexOf(':');
    if (colon != 0) {
      String value = colon < 0 ? "" : line.substring(colon + 1);
      field(
          colon < 0 ? line : line.substring(0, colon),
          value.startsWith(" ") ? value.substring(1) : value);
    }
    return null;
  }

  /** The value of the last {@code retry:} field, or null. */
  public String retry() {
    return retry;
  }

  private void field(String field, String value) {
    switch (field) {
      case "event" -> name = value;
      case "data" -> data.append(value).append('\n');
      case "id" -> id = value;
      case "retry" -> retry = value;
      default -> throw new IllegalStateException("no field of an event stream: " + field);
    }
  }

  private StreamedEvent dispatch() {
    StreamedEvent event = null;
    if (!data.isEmpty()) {
      String text = data.substring(0, data.length() - 1);
      event = new StreamedEvent(name.isEmpty() ? "message" : name, id, text);
    }
    data.setLength(0);
    name = "";
    return event;
  }
}
