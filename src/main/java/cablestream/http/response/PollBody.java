package cablestream.http.response;

import cablestream.browser.Listener.PollAnswer;
import cablestream.log.Event;
import cablestream.text.JsonText;
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
    JsonText.quote(rest.append("],\"session_id\":"), answer.sessionId());
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
        JsonText.quote(object.append("{\"id\":"), event.id());
        object.append(",\"type\":\"").append(event.kind().type());
        JsonText.quote(object.append("\",\"data\":"), data).append('}');
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
      JsonText.quote(json.append(separator), text);
      separator = ',';
    }
    return json.append(texts.isEmpty() ? "[]" : "]");
  }
}
