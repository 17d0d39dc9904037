package cablestream.http;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.session.CommandResult;
import cablestream.session.Refusal;
import cablestream.support.FakeResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepliesTest {
  @Test
  void aPostIsAnsweredWithOneEntryPerCommandInOrder() {
    byte[] body =
        Replies.results(
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
    assertThat(Replies.results(List.of())).asString().isEqualTo("[]");
  }

  @Test
  void anErrorIsJsonWithItsStatus() throws IOException {
    FakeResponse response = new FakeResponse();

    Replies.refuse(new Refusal(503, "too many sessions: come back", 7), response.build());

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("Retry-After")).isEqualTo("7");
    assertThat(response.header("Content-Type")).isEqualTo("application/json");
    assertThat(response.header("Cache-Control")).isEqualTo("no-store");
    assertThat(response.body()).isEqualTo("{\"error\":\"too many sessions: come back\"}");
    assertThat(response.header("Content-Length")).isEqualTo("40");
  }

  @Test
  void a204HasNoBody() throws IOException {
    FakeResponse response = new FakeResponse();

    Replies.refuse(new Refusal(204, null), response.build());

    assertThat(response.status()).isEqualTo(204);
    assertThat(response.body()).isEmpty();
    assertThat(response.header("Content-Type")).isNull();
    assertThat(response.header("Retry-After")).isNull();
  }
}
