package cablestream.log;

import cablestream.text.JsonText;
import java.nio.charset.StandardCharsets;

/**
 * Encodes the events of one session as the bytes that are sent to the browser. A channel's message
 * is copied from the frame unchanged, never decoded.
 */
public final class EventEncoder {
  private static final byte[] DATA = ascii("\ndata: ");
  private static final byte[] TIME = ascii("\",\"time\":\"");
  private static final byte[] END_OF_RECEIVED = ascii("\"}\n\n");
  private static final byte[] END = ascii("\n\n");

  /** The largest array that every virtual machine can allocate. */
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  /** Where messages and frames are written; each is added to the log before the next is written. */
  public interface Room {
    /**
     * Reserves bytes in addition to those already charged for the frame; false if there is no room.
     */
    boolean reserve(long bytes);

    /** An array with room for {@code length} bytes from {@link #start}. */
    byte[] array(int length);

    /** Where in that array the bytes go. */
    int start();
  }

  private final String sessionId;
  private final EventTime time;
  private final Room room;
  private final byte[] id;
  private final byte[] sessionAndMessageId;

  /**
   * @param sessionId the beginning of every event's id
   * @param room where the events are written, usually their log
   */
  public EventEncoder(String sessionId, EventTime time, Room room) {
    this.sessionId = sessionId;
    this.time = time;
    this.room = room;
    id = ascii("id: " + sessionId + "-");
    sessionAndMessageId =
        ascii(",\"session_id\":\"" + sessionId + "\",\"msg_id\":\"" + sessionId + "-");
  }

  /** The beginning of every {@code received} event of a subscription, up to its message. */
  public static byte[] receivedHead(Identifier identifier) {
    return ("\ndata: {\"type\":\"received\"" + channel(identifier) + ",\"message\":")
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A {@code received} event. The message is the part of the frame between {@code from} and {@code
   * to}, which is JSON: a line break there stands between tokens, so a space replaces it. A further
   * data line would take seven bytes.
   */
  public Event received(long number, byte[] head, byte[] frame, int from, int to) {
    boolean isOneLine = LineBreaks.isOneLine(frame, from, to);
    int digits = digits(number);
    int length =
        id.length
            + digits
            + head.length
            + (to - from)
            + sessionAndMessageId.length
            + digits
            + TIME.length
            + EventTime.LENGTH
            + END_OF_RECEIVED.length;
    byte[] event = room.array(length);
    int start = room.start();
    int at = copy(id, event, start);
    at = writeNumber(number, event, at, digits);
    at = copy(head, event, at);
    at = isOneLine ? copy(frame, from, to, event, at) : join(frame, from, to, event, at);
    at = copy(sessionAndMessageId, event, at);
    at = writeNumber(number, event, at, digits);
    at = copy(TIME, event, at);
    at = time.write(event, at);
    at = copy(END_OF_RECEIVED, event, at);
    assert at - start == length;
    int dataStart = id.length + digits + DATA.length;
    return new Event(event, start, length, number, Event.Kind.MESSAGE, dataStart);
  }

  /**
   * A tunnel's frame, unchanged except for its line breaks.
   *
   * @return null if there is no room: each line break makes it longer
   */
  public Event frame(long number, byte[] frame) {
    boolean isOneLine = LineBreaks.isOneLine(frame, 0, frame.length);
    long growth = isOneLine ? 0 : LineBreaks.growth(frame, DATA.length);
    int digits = digits(number);
    int dataStart = id.length + digits + DATA.length;
    long size = dataStart + frame.length + growth + END.length;
    if (growth > 0 && (size > LARGEST_ARRAY || !room.reserve(growth))) {
      return null;
    }
    int length = (int) size;
    byte[] event = room.array(length);
    int start = room.start();
    int at = copy(id, event, start);
    at = writeNumber(number, event, at, digits);
    at = copy(DATA, event, at);
    at = isOneLine ? copy(frame, event, at) : split(frame, event, at);
    at = copy(END, event, at);
    assert at - start == length;
    return new Event(event, start, length, number, Event.Kind.FRAME, dataStart);
  }

  /** The subscription was confirmed. */
  public Event connected(long number, Identifier identifier, boolean reconnected) {
    String again = reconnected ? ",\"reconnected\":true" : "";
    return message(number, "\"type\":\"connected\"" + channel(identifier) + again, true);
  }

  /** The subscription was rejected. */
  public Event rejected(long number, Identifier identifier) {
    return message(number, "\"type\":\"rejected\"" + channel(identifier), true);
  }

  /** The subscription was lost or is not confirmed. */
  public Event disconnected(long number, Identifier identifier, String reason, boolean reconnect) {
    String message = ",\"message\":{" + outcome(reason, reconnect) + "}";
    return message(number, "\"type\":\"disconnected\"" + channel(identifier) + message, true);
  }

  /**
   * A stream was attached.
   *
   * @param resumed null in the event for streams that were attached before
   */
  public Event joined(long position, String eventsId, Boolean resumed) {
    String forNewcomer = resumed == null ? "" : ",\"resumed\":" + resumed;
    return message(
        position, "\"type\":\"joined\",\"id\":\"/" + eventsId + "\"" + forNewcomer, false);
  }

  /**
   * Events are missing.
   *
   * @param dropped how many; null if unknown
   */
  public Event gap(long position, Long dropped) {
    String fields = "\"type\":\"gap\",\"dropped\":" + dropped;
    return event(id(position), position, Event.Kind.GAP, json(id(position), fields, false));
  }

  /** The stream of the listener that receives this has ended. */
  public Event closed(String reason, boolean reconnect) {
    String fields = "\"type\":\"closed\"," + outcome(reason, reconnect);
    return event(endId(), Long.MAX_VALUE, Event.Kind.MESSAGE, json(endId(), fields, false));
  }

  /** A tunnel's first event. */
  public Event opened(long position, String protocol, boolean resumed) {
    StringBuilder json = JsonText.quote(new StringBuilder("{\"protocol\":"), protocol);
    json.append(",\"session_id\":\"").append(sessionId).append("\",\"resumed\":").append(resumed);
    return event(id(position), position, Event.Kind.OPENED, json.append('}').toString());
  }

  /** Announces to a tunnel's client that the bridge will stop. */
  public Event drain(long number) {
    return event(id(number), number, Event.Kind.DRAIN, "{}");
  }

  /** A tunnel's last event. */
  public Event close(int code, String reason) {
    StringBuilder json = new StringBuilder("{\"code\":").append(code).append(",\"reason\":");
    JsonText.quote(json, reason).append('}');
    return event(endId(), Long.MAX_VALUE, Event.Kind.CLOSE, json.toString());
  }

  private Event message(long number, String fields, boolean withTime) {
    return event(id(number), number, Event.Kind.MESSAGE, json(id(number), fields, withTime));
  }

  private String id(long number) {
    return sessionId + "-" + number;
  }

  /** The id of a last event: a client that reconnects with it has to stop. */
  private String endId() {
    return sessionId + "-" + LastEventId.END;
  }

  private String json(String id, String fields, boolean withTime) {
    String ids = ",\"session_id\":\"" + sessionId + "\",\"msg_id\":\"" + id + "\"";
    return "{" + fields + ids + (withTime ? ",\"time\":\"" + time.text() + "\"" : "") + "}";
  }

  private static Event event(String id, long number, Event.Kind kind, String json) {
    String type = kind.type().equals("message") ? "" : "event: " + kind.type() + "\n";
    String head = "id: " + id + "\n" + type + "data: ";
    byte[] event = (head + json + "\n\n").getBytes(StandardCharsets.UTF_8);
    return new Event(event, number, kind, head.length());
  }

  private static String channel(Identifier identifier) {
    return ",\"chan_id\":\"" + identifier.chanId() + "\",\"identifier\":" + identifier.json();
  }

  private static String outcome(String reason, boolean reconnect) {
    return JsonText.quote(new StringBuilder("\"reason\":"), reason)
        .append(",\"reconnect\":")
        .append(reconnect)
        .toString();
  }

  /** Copies the text and begins a new data line after each line break. */
  private static int split(byte[] source, byte[] target, int start) {
    int at = start;
    for (int i = 0; i < source.length; i++) {
      int lineBreak = LineBreaks.length(source, i);
      if (lineBreak > 0) {
        at = copy(DATA, target, at);
        i += lineBreak - 1;
      } else {
        target[at++] = source[i];
      }
    }
    return at;
  }

  /** Copies the text and replaces each byte of a line break by a space. */
  private static int join(byte[] source, int from, int to, byte[] target, int start) {
    int end = copy(source, from, to, target, start);
    for (int at = start; at < end; at++) {
      if (target[at] == '\n' || target[at] == '\r') {
        target[at] = ' ';
      }
    }
    return end;
  }

  private static int copy(byte[] source, byte[] target, int at) {
    System.arraycopy(source, 0, target, at, source.length);
    return at + source.length;
  }

  private static int copy(byte[] source, int from, int to, byte[] target, int at) {
    System.arraycopy(source, from, target, at, to - from);
    return at + to - from;
  }

  private static int digits(long number) {
    int digits = 1;
    for (long rest = number / 10; rest > 0; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private static int writeNumber(long number, byte[] target, int at, int digits) {
    long rest = number;
    for (int i = at + digits - 1; i >= at; i--) {
      target[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return at + digits;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
