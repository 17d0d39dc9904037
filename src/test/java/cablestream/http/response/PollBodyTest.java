package cablestream.http.response;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Listener.PollAnswer;
import cablestream.log.Event;
import cablestream.session.Events;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PollBodyTest {
  @Test
  void anAnswerWithoutEventsHasAllItsMembers() {
    PollAnswer answer = new PollAnswer("session1", List.of(), 0L, 0, List.of());

    assertThat(body(answer))
        .isEqualTo(
            "{\"messages\":[],\"session_id\":\"session1\",\"dropped\":0,\"queue_length\":0,"
                + "\"channels\":[]}");
  }

  @Test
  void whatCannotBeKnownIsNull() {
    JsonObject json = json(new PollAnswer("session1", List.of(), null, 7, List.of("a1", "b2")));

    assertThat(json.isNull("dropped")).isTrue();
    assertThat(json.getInt("queue_length")).isEqualTo(7);
    assertThat(json.getJsonArray("channels")).hasToString("[\"a1\",\"b2\"]");
  }

  @Test
  void messagesAreCopiedByteForByte() {
    String message = "{\"z\":1.000000000000000000001,\"a\":[1E400,\"\\u00e9é€😀</script>\"]}";

    assertThat(body(of(Events.received(1, message)))).contains(",\"message\":" + message + ",");
  }

  @Test
  void lineBreaksInAMessageAreSpaces() {
    String message = "{\n\"a\":\n\n[1,\n2]}\n";

    String body = body(of(Events.received(1, message), Events.received(2, "\"data: \"")));

    assertThat(body)
        .contains(",\"message\":" + message.replace('\n', ' ') + ",")
        .contains("\"message\":\"data: \"");
    assertThat(json(of(Events.received(1, message))).getJsonArray("messages")).hasSize(1);
  }

  @Test
  void aTunnelsFramesAreStrings() {
    String frame = "{\"a\":\"\\\\\",\"b\":\"\u0001 é😀\",\n\"c\":1}";

    JsonObject json = json(of(Events.frame(3, frame)));

    JsonObject message = json.getJsonArray("messages").getJsonObject(0);
    assertThat(message.keySet()).containsExactly("id", "type", "data");
    assertThat(message.getString("id")).isEqualTo("session1-3");
    assertThat(message.getString("type")).isEqualTo("message");
    assertThat(message.getString("data")).isEqualTo(frame);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 100, 8_180})
  void inPiecesItIsTheSame(int max) {
    StringBuilder frame = new StringBuilder("\n\u0000\u001f\"\\\b\f\n\t\u007f é😀\n\n");
    while (frame.length() < 5_000) {
      frame.append("ab\n\u0001");
    }
    PollAnswer answer =
        of(
            Events.frame(1, "small\n"),
            Events.frame(2, frame.toString()),
            Events.received(3, "[1]"));
    PollBody body = PollBody.inPieces(answer);

    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece = body.next(max + 5); piece != null; piece = body.next(max + 5)) {
      assertThat(piece).hasSizeBetween(1, max + 5);
      all.writeBytes(piece);
    }

    assertThat(all.toString(UTF_8)).isEqualTo(body(answer));
    assertThat(body.length()).isEqualTo(all.size());
    assertThat(json(answer).getJsonArray("messages").getJsonObject(1).getString("data"))
        .isEqualTo(frame.toString());
  }

  @Test
  void itsSizeIsNoLessThanItIs() {
    PollAnswer answer =
        of(Events.frame(1, "\u0001".repeat(4_000)), Events.frame(2, "\n".repeat(500)));

    assertThat(PollBody.isForPieces(answer)).isFalse();
    assertThat(PollBody.size(answer)).isGreaterThanOrEqualTo(PollBody.of(answer).length);
  }

  private static PollAnswer of(Event... events) {
    return new PollAnswer("session1", List.of(events), 0L, 0, List.of());
  }

  private static String body(PollAnswer answer) {
    return new String(PollBody.of(answer), UTF_8);
  }

  private static JsonObject json(PollAnswer answer) {
    try (JsonReader reader = Json.createReader(new StringReader(body(answer)))) {
      return reader.readObject();
    }
  }
}
