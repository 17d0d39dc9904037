package cablestream.http;

import cablestream.browser.Listener.PollAnswer;
import cablestream.log.Event;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes a poll's answer as JSON in UTF-8. What the events of channels hold is JSON already and is
 * copied byte for byte, so neither digits nor the order of keys can change.
 */
final class PollBody {
  /** What an answer is without its messages, about; a subscription adds 35 bytes. */
  private static final int FRAME = 256;

  private final ByteArrayOutputStream out;

  private PollBody(int size) {
    out = new ByteArrayOutputStream(size);
  }

  static byte[] of(PollAnswer answer) {
    return new PollBody(size(answer)).write(answer);
  }

  /** How long it will be, about. */
  static int size(PollAnswer answer) {
    int size = FRAME + 35 * answer.channels().size();
    for (Event event : answer.events()) {
      size += event.length();
    }
    return size;
  }

  private byte[] write(PollAnswer answer) {
    text("{\"messages\":[");
    String separator = "";
    for (Event event : answer.events()) {
      text(separator);
      message(event);
      separator = ",";
    }
    StringBuilder rest = new StringBuilder(FRAME);
    quote(answer.sessionId(), rest.append("],\"session_id\":"));
    rest.append(",\"dropped\":").append(answer.dropped());
    rest.append(",\"queue_length\":").append(answer.queueLength());
    list(answer.channels(), rest.append(",\"channels\":")).append('}');
    text(rest.toString());
    return out.toByteArray();
  }

  private void message(Event event) {
    switch (event.kind()) {
      case MESSAGE, GAP -> event.copyData(out);
      case FRAME, OPENED, DRAIN, CLOSE -> {
        String data = event.data();
        StringBuilder object = new StringBuilder(data.length() + FRAME);
        quote(event.id(), object.append("{\"id\":"));
        object.append(",\"type\":\"").append(event.kind().type());
        quote(data, object.append("\",\"data\":")).append('}');
        text(object.toString());
      }
    }
  }

  private void text(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private static StringBuilder list(List<String> texts, StringBuilder json) {
    char separator = '[';
    for (String text : texts) {
      quote(text, json.append(separator));
      separator = ',';
    }
    return json.append(texts.isEmpty() ? "[]" : "]");
  }

  /** A JSON string (RFC 8259, section 7). */
  private static StringBuilder quote(String text, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u00").append(Character.forDigit(c >> 4, 16));
        json.append(Character.forDigit(c & 0xF, 16));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }
}
