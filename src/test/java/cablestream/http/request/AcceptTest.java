package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/event-stream",
        "Text/Event-Stream",
        "application/json, text/event-stream",
        "text/event-stream;charset=utf-8",
        "text/event-stream ; q=0.001",
        "*/*;q=0.1 , text/event-stream;q=1.0",
        "a/b;x=\"y,z\",text/event-stream",
        ",,text/event-stream",
      })
  void aClientAsksForAStreamByName(String accept) {
    assertThat(asksForStream(accept)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*/*",
        "text/*",
        "application/json",
        "text/event-stream;q=0",
        "text/event-stream; Q=0.000",
        "text/event-streams",
        "xtext/event-stream",
        "a/b;x=\"text/event-stream\"",
        "a/b;x=\",text/event-stream,\"",
        "a/b;x=\"\\\",text/event-stream,\"",
      })
  void anythingElseIsAPoll(String accept) {
    assertThat(asksForStream(accept)).isFalse();
  }

  @Test
  void noAcceptIsAPoll() {
    assertThat(asksForStream()).isFalse();
  }

  @Test
  void aSecondLineCountsToo() {
    assertThat(asksForStream("text/html", "text/event-stream")).isTrue();
  }

  private static boolean asksForStream(String... lines) {
    return Accept.names("text/event-stream", List.of(lines));
  }
}
