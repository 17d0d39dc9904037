package cablestream.log;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.session.Events;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventEncoderTest {
  private final Identifier chat = new Identifier("{\"channel\":\"Ünï\\u2028\"}", "0a");
  private final EventEncoder encoder =
      new EventEncoder(
          "SID", new EventTime(() -> Instant.parse("2026-02-03T04:05:06.007Z")), new FreshRoom());

  private static String text(Event event) {
    return Events.text(event);
  }

  private Event received(String frame, int from, int to) {
    byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
    return encoder.received(10, EventEncoder.receivedHead(chat), bytes, from, to);
  }

  @Test
  void theMessageIsSplicedIn() {
    assertThat(text(received("xx[1]yy", 2, 5)))
        .isEqualTo(
            "id: SID-10\ndata: {\"type\":\"received\",\"chan_id\":\"0a\",\"identifier\":{\"channel\":\"Ünï\\u2028\"},"
                + "\"message\":[1],\"session_id\":\"SID\",\"msg_id\":\"SID-10\",\"time\":\"2026-02-03T04:05:06.007Z\"}\n\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\n}",
        "{\r}",
        "{\r\n}",
        "[1,\r\n\r\n2]",
        "\r[\n\r\n]\r",
        "[\r\r\n\n]",
        "\"\"",
        "\n"
      })
  void aLineBreakIsASpaceInAMessageAndALineFeedInAFrame(String message) {
    int size = message.getBytes(StandardCharsets.UTF_8).length;
    Event event = received(message, 0, size);
    String normal = message.replace("\r\n", "\n").replace('\r', '\n');
    assertThat(text(event).indexOf("\n\n")).isEqualTo(text(event).length() - 2);
    assertThat(text(event)).doesNotContain("\r");
    String spaced = message.replace('\n', ' ').replace('\r', ' ');
    assertThat(RawEvent.data(event)).contains("\"message\":" + spaced + ",\"session_id\"");
    assertThat(event.id()).isEqualTo("SID-10");
    Event frame = encoder.frame(3, message.getBytes(StandardCharsets.UTF_8));
    assertThat(RawEvent.data(frame)).isEqualTo(normal);
  }

  @Test
  void nothingASeverSaysCanInjectAField() {
    Event event = encoder.disconnected(1, chat, "a\n\nid: 5\r\"\\\u0000é\ud800", true);
    assertThat(text(event).split("\n")).hasSize(2);
    assertThat(json(event).getJsonObject("message").getString("reason"))
        .isEqualTo("a\n\nid: 5\r\"\\\u0000é\ud800");
  }

  @Test
  void eachEventHasItsMembers() {
    assertThat(json(encoder.connected(1, chat, true)).keySet())
        .containsExactlyInAnyOrder(
            "type", "chan_id", "identifier", "reconnected", "session_id", "msg_id", "time");
    assertThat(json(encoder.rejected(1, chat)).keySet())
        .containsExactlyInAnyOrder("type", "chan_id", "identifier", "session_id", "msg_id", "time");
    assertThat(json(encoder.gap(1, null)).get("dropped")).isEqualTo(jakarta.json.JsonValue.NULL);
    assertThat(json(encoder.gap(1, 7L)).getInt("dropped")).isEqualTo(7);
    JsonObject closed = json(encoder.closed("remote", false));
    assertThat(closed.getString("msg_id")).isEqualTo("SID-end");
    assertThat(closed.getBoolean("reconnect")).isFalse();
    assertThat(text(encoder.close(1006, "lost")))
        .isEqualTo("id: SID-end\nevent: close\ndata: {\"code\":1006,\"reason\":\"lost\"}\n\n");
  }

  private static JsonObject json(Event event) {
    return Json.createReader(new StringReader(RawEvent.data(event))).readObject();
  }
}
