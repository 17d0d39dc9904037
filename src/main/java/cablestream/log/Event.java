package cablestream.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One event, encoded once, as an EventSource gets it:
 *
 * <pre>
 * id: {session_id}-{n}
 * data: {…}
 * </pre>
 *
 * and a blank line. Line breaks in the data are split over several {@code data:} lines (HTML,
 * "Server-sent events", 9.2.6).
 *
 * <p>Its bytes don't change as long as a log holds it, and those of a small one not after that
 * until the log is given another: whoever wants it longer copies it ({@link #COPIED}).
 */
public final class Event {
  /** An event of at most so many bytes has to be copied by who wants it for longer. */
  public static final int COPIED = 4 * 1024;

  /** The blank line, and the break before it. */
  private static final int END = 2;

  final byte[] array;
  final int start;
  final int length;
  final long number;
  final Kind kind;
  final int dataStart;

  /** What a poll must know of an event. */
  public enum Kind {
    /**
     * The announcement that events are missing here; its number is that of the last one missing.
     */
    GAP("message"),
    /** The classic API's events; the data is JSON. */
    MESSAGE("message"),
    /** A tunnel's frame; the data is the frame. */
    FRAME("message"),
    /** A tunnel's first event. */
    OPENED("opened"),
    /** Tells a tunnel's client that the bridge is about to go. */
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
   * @param array has the event from {@code start} on, for {@code length}
   * @param dataStart where its data begins, seen from {@code start}
   */
  Event(byte[] array, int start, int length, long number, Kind kind, int dataStart) {
    this.array = array;
    this.start = start;
    this.length = length;
    this.number = number;
    this.kind = kind;
    this.dataStart = dataStart;
  }

  /** An event that has an array to itself. */
  Event(byte[] bytes, long number, Kind kind, int dataStart) {
    this(bytes, 0, bytes.length, number, kind, dataStart);
  }

  /** The bytes of an event that has an array to itself; not to be changed. */
  public byte[] bytes() {
    assert start == 0 && length == array.length;
    return array;
  }

  /** Where the bytes lie that a stream writes, with others' around them; not to be changed. */
  public byte[] array() {
    return array;
  }

  /** Where in its array it begins. */
  public int start() {
    return start;
  }

  /** How many bytes it has. */
  public int length() {
    return length;
  }

  /** Its number in the session, from 1; for events outside the log, the position they stand at. */
  public long number() {
    return number;
  }

  /** What it is to a poll. */
  public Kind kind() {
    return kind;
  }

  /** Whether it is an announcement of missing events. */
  public boolean isGap() {
    return kind == Kind.GAP;
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

  /** How many bytes its data has in the event stream. */
  public int dataLength() {
    return length - dataStart - END;
  }

  /** Where in its array its data begins, which is one line unless it is a {@link Kind#FRAME}. */
  public int dataStart() {
    return start + dataStart;
  }

  /** The same with an array of its own, for who wants it longer than the log. */
  public Event copy() {
    byte[] bytes = Arrays.copyOfRange(array, start, start + length);
    return new Event(bytes, number, kind, dataStart);
  }

  /** Its data as the contents of a JSON string, in UTF-8, which may be six times as long. */
  public EscapedData escapedData() {
    return new EscapedData(array, start + dataStart, start + length - END);
  }

  /** Its data with the line breaks put back together. */
  public String data() {
    String lines = new String(array, start + dataStart, dataLength(), StandardCharsets.UTF_8);
    return lines.indexOf('\n') < 0 ? lines : lines.replace("\ndata: ", "\n");
  }
}
