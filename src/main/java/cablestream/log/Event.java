package cablestream.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One event, encoded once, as an EventSource receives it:
 *
 * <pre>
 * id: {session_id}-{n}
 * data: {…}
 * </pre>
 *
 * and a blank line. Line breaks in the data are split over several {@code data:} lines (HTML,
 * "Server-sent events", 9.2.6).
 *
 * <p>Its bytes don't change while it is in a log. The bytes of a small event may be overwritten by
 * a later event once the log has evicted it: a reader that needs it longer makes a copy ({@link
 * #COPIED}).
 */
public final class Event {
  /**
   * The largest event, in bytes, that a reader has to copy to keep it after its log has evicted it.
   */
  public static final int COPIED = 4 * 1024;

  /** The length of the line break and the blank line at the end. */
  private static final int END = 2;

  final byte[] array;
  final int start;
  final int length;
  final long number;
  final Kind kind;
  final int dataStart;

  /** The kinds of events that a poll distinguishes. */
  public enum Kind {
    /** Announces missing events; its number is that of the last missing event. */
    GAP("message"),
    /** An event of the classic API; its data is JSON. */
    MESSAGE("message"),
    /** A tunnel's frame; the data is the frame. */
    FRAME("message"),
    /** A tunnel's first event. */
    OPENED("opened"),
    /** Announces to a tunnel's client that the bridge will stop. */
    DRAIN("drain"),
    /** A tunnel's last event. */
    CLOSE("close");

    private final String type;

    Kind(String type) {
      this.type = type;
    }

    /** The SSE type. */
    public String type() {
      return type;
    }
  }

  /**
   * @param array contains the event, from {@code start}, {@code length} bytes
   * @param dataStart where its data begins, relative to {@code start}
   */
  Event(byte[] array, int start, int length, long number, Kind kind, int dataStart) {
    this.array = array;
    this.start = start;
    this.length = length;
    this.number = number;
    this.kind = kind;
    this.dataStart = dataStart;
  }

  /** An event in an array of its own. */
  Event(byte[] bytes, long number, Kind kind, int dataStart) {
    this(bytes, 0, bytes.length, number, kind, dataStart);
  }

  /** The array that contains the event, possibly among others; must not be changed. */
  public byte[] array() {
    return array;
  }

  /** Where in its array the event begins. */
  public int start() {
    return start;
  }

  /** Its length in bytes. */
  public int length() {
    return length;
  }

  /** Its number in the session, from 1; for an event outside the log, its position in the log. */
  public long number() {
    return number;
  }

  public Kind kind() {
    return kind;
  }

  /** The value of its {@code id:} line. */
  public String id() {
    int from = start + 4;
    int to = from;
    while (array[to] != '\n') {
      to++;
    }
    return new String(array, from, to - from, StandardCharsets.US_ASCII);
  }

  /** The length of its data in the event stream, in bytes. */
  public int dataLength() {
    return length - dataStart - END;
  }

  /** Where in its array its data begins, which is one line unless it is a {@link Kind#FRAME}. */
  public int dataStart() {
    return start + dataStart;
  }

  /** A copy in an array of its own, which remains valid after its log has evicted the event. */
  public Event copy() {
    byte[] bytes = Arrays.copyOfRange(array, start, start + length);
    return new Event(bytes, number, kind, dataStart);
  }

  /** Its data as the contents of a JSON string, in UTF-8; up to six times as long. */
  public EscapedData escapedData() {
    return new EscapedData(array, start + dataStart, start + length - END);
  }
}
