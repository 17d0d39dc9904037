package cablestream.chaos;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An event as received by a client.
 *
 * @param id {@code {session_id}-{n}}
 * @param type the SSE type
 */
record Heard(String id, String type, String data) {
  /** A message of a channel, created by the server. */
  record Message(int life, long number, String text) {}

  private static final String RECEIVED = "{\"type\":\"received\"";
  private static final Pattern NUMBERS =
      Pattern.compile("^\\{\"session\":\\d+,\"life\":(\\d+),\"k\":(\\d+),");
  private static final String BEFORE_MESSAGE = "\"message\":";
  private static final String MESSAGE_ID = ",\"msg_id\":\"";

  /** An event in the response to a poll, which contains its id. */
  static Heard ofPoll(String data) {
    int from = data.lastIndexOf(MESSAGE_ID) + MESSAGE_ID.length();
    return new Heard(data.substring(from, data.indexOf('"', from)), "message", data);
  }

  String session() {
    return id.substring(0, id.lastIndexOf('-'));
  }

  boolean isLast() {
    return id.endsWith("-end");
  }

  long number() {
    return Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
  }

  boolean isReceived() {
    return data.startsWith(RECEIVED);
  }

  /** Whether it is a message, of the classic API or in a frame. */
  boolean isMessage() {
    return isReceived() || messageOfFrame() != null;
  }

  /** The member {@code type} of the data. */
  String kind() {
    return isReceived() ? "received" : json().getString("type");
  }

  JsonObject json() {
    return Json.createReader(new StringReader(data)).readObject();
  }

  /** The message of a {@code received}, byte for byte. */
  Message message() {
    int from = data.indexOf(BEFORE_MESSAGE) + BEFORE_MESSAGE.length();
    return message(data.substring(from, data.lastIndexOf(",\"session_id\":\"")));
  }

  /** The message of a frame; null for a frame that has none. */
  Message messageOfFrame() {
    int from = data.startsWith("{\"identifier\":") ? data.indexOf("\",\"message\":") : -1;
    return from < 0 ? null : message(data.substring(from + 12, data.length() - 1));
  }

  private static Message message(String text) {
    Matcher numbers = NUMBERS.matcher(text);
    if (!numbers.find()) {
      return new Message(0, 0, text);
    }
    return new Message(Integer.parseInt(numbers.group(1)), Long.parseLong(numbers.group(2)), text);
  }
}
