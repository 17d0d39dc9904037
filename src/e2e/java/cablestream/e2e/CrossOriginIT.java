package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** protocol.md, section 5: CORS and methods. */
@InTomcatAndJetty
class CrossOriginIT {
  private static final String ELSEWHERE = "https://elsewhere.example";

  private final Container container;
  private final Bridge bridge;

  CrossOriginIT(Container container) {
    this.container = container;
    bridge = Stage.bridge(container);
  }

  @Test
  void aPreflightIsAnswered204WithMethodsAndHeaders() {
    Visitor visitor = bridge.visitor();

    RawResponse answer = preflight(visitor, ELSEWHERE);

    assertThat(answer.status()).isEqualTo(204);
    assertCrossOrigin(answer, ELSEWHERE);
    assertThat(list(answer, "access-control-allow-methods"))
        .containsExactlyInAnyOrder("get", "post", "delete", "options");
    assertThat(list(answer, "access-control-allow-headers"))
        .containsExactlyInAnyOrder(
            "content-type", "last-event-id", "idempotency-key", "authorization");
    assertThat(answer.header("access-control-max-age"))
        .hasValueSatisfying(age -> assertThat(Integer.parseInt(age)).isPositive());
    assertThat(Stage.rails().connections(visitor.user())).isEmpty();
  }

  @Test
  void onSuccessTheOriginThatTheSessionWasOpenedWithIsNamed() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      assertCrossOrigin(stream.response(), visitor.origin());
      assertCrossOrigin(visitor.post(), visitor.origin());
    }
  }

  @Test
  void onAnErrorTheOriginIsReflectedSoThatThePageCanReadIt() {
    Visitor visitor = bridge.visitor().withOrigin(ELSEWHERE);

    RawResponse answer = visitor.refused();

    OpeningIT.assertError(answer, 502);
    assertCrossOrigin(answer, ELSEWHERE);
  }

  @Test
  void withoutAnOriginNoneIsNamedButTheAnswerStillVaries() {
    Visitor visitor = bridge.visitor().without("Origin").with("Sec-Fetch-Site", "same-origin");
    try (EventStream stream = visitor.listen()) {
      assertThat(stream.response().header("access-control-allow-origin")).isEmpty();
      assertThat(list(stream.response(), "vary")).contains("origin");
    }
  }

  @Test
  void withAllowedOriginsExactlyThoseAreNamedAndServed() {
    try (Bridge narrow =
        Stage.bridgeWithSettings(container)
            .setting("allowed-origins", "https://app.example, https://other.example")
            .setting("cable.origin", "http://rails.internal")
            .setting("cable.host", "rails.internal")
            .start()) {
      Visitor welcome = narrow.visitor().withOrigin("https://app.example");
      try (EventStream stream = welcome.listen()) {
        assertCrossOrigin(stream.response(), "https://app.example");
      }
      assertCrossOrigin(preflight(welcome, "https://other.example"), "https://other.example");

      for (String origin :
          List.of(
              "https://app.example.evil.example",
              "http://app.example",
              "https://app.example:444",
              "https://evilapp.example",
              "null")) {
        Visitor stranger = narrow.visitor().withOrigin(origin);
        RawResponse answer = stranger.refused();
        OpeningIT.assertError(answer, 403);
        assertThat(answer.header("access-control-allow-origin")).isEmpty();
        assertThat(answer.header("timing-allow-origin")).isEmpty();
        assertThat(preflight(stranger, origin).header("access-control-allow-origin")).isEmpty();
        assertThat(Stage.rails().connections(stranger.user())).isEmpty();
      }
    }
  }

  @Test
  void otherMethodsAreAnswered405() {
    // Jetty itself responds to TRACE, with 403.
    for (String method : List.of("PUT", "PATCH", "PROPFIND")) {
      RawResponse answer = bridge.visitor().request(method, "").send();

      OpeningIT.assertError(answer, 405);
      assertThat(list(answer, "allow")).contains("get", "post", "delete", "options");
    }
  }

  private static RawResponse preflight(Visitor visitor, String origin) {
    return RawRequest.of("OPTIONS", visitor.site().port(), visitor.path())
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type")
        .send();
  }

  private static void assertCrossOrigin(RawResponse answer, String origin) {
    assertThat(answer.header("access-control-allow-origin")).hasValue(origin);
    assertThat(answer.header("access-control-allow-credentials")).hasValue("true");
    assertThat(list(answer, "access-control-expose-headers"))
        .containsExactlyInAnyOrder("x-session-id", "retry-after");
    assertThat(answer.header("timing-allow-origin")).hasValue(origin);
    assertThat(list(answer, "vary")).contains("origin");
  }

  private static List<String> list(RawResponse answer, String name) {
    return answer.headers(name).stream()
        .flatMap(value -> Arrays.stream(value.split(",")))
        .map(value -> value.strip().toLowerCase(Locale.ROOT))
        .toList();
  }
}
