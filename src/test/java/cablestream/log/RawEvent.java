package cablestream.log;

import java.nio.charset.StandardCharsets;

/** Arbitrary bytes as an event, and an event's parts, which only tests read. */
public final class RawEvent {
  private RawEvent() {}

  public static Event of(byte[] bytes) {
    return new Event(bytes, 1, Event.Kind.MESSAGE, 0);
  }

  /** The bytes of an event that has its own array. */
  static byte[] bytes(Event event) {
    assert event.start() == 0 && event.length() == event.array().length;
    return event.array();
  }

  /** Its data with the lines joined again. */
  static String data(Event event) {
    String lines =
        new String(event.array(), event.dataStart(), event.dataLength(), StandardCharsets.UTF_8);
    return lines.replace("\ndata: ", "\n");
  }
}
