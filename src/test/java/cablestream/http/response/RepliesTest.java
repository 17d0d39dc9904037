package cablestream.http.response;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.CommandResult;
import cablestream.browser.Refusal;
import cablestream.support.FakeResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepliesTest {
  @Test
  void aPostIsAnsweredWithOneEntryPerCommandInOrder() {
    byte[] body =
        Replies.json(
            List.of(
                new CommandResult("c1", "s", null), new CommandResult(null, "s", "no \"such\" ☃")));

    assertThat(body)
        .asString(StandardCharsets.UTF_8)
        .isEqualTo(
            "[{\"chan_id\":\"c1\",\"session_id\":\"s\"},"
                + "{\"session_id\":\"s\",\"error\":\"no \\\"such\\\" ☃\"}]");
  }

  @Test
  void noCommandIsAnEmptyArray() {
    assertThat(Replies.json(List.of())).asString().isEqualTo("[]");
  }

  @Test
  void anErrorIsJsonWithItsStatus() {
    FakeResponse response = new FakeResponse();
    Refusal refusal = new Refusal(503, "too many sessions: come back", 7);

    Replies.head(refusal, response.build());

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("Retry-After")).isEqualTo("7");
    assertThat(response.header("Content-Type")).isEqualTo("application/json");
    assertThat(response.header("Cache-Control")).isEqualTo("no-store");
    assertThat(Replies.body(refusal))
        .asString()
        .isEqualTo("{\"error\":\"too many sessions: come back\"}");
  }

  @Test
  void a204HasNoBody() {
    FakeResponse response = new FakeResponse();
    Refusal refusal = new Refusal(204, null);

    Replies.head(refusal, response.build());

    assertThat(response.status()).isEqualTo(204);
    assertThat(Replies.body(refusal)).isEmpty();
    assertThat(response.header("Content-Type")).isNull();
    assertThat(response.header("Retry-After")).isNull();
  }
}
