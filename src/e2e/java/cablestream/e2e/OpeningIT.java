package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.Commands;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** protocol.md, sections 1 and 2: responses to a GET for a stream. */
@InTomcatAndJetty
class OpeningIT {
  private final Container container;
  private final Bridge bridge;

  OpeningIT(Container container) {
    this.container = container;
    bridge = Stage.bridge(container);
  }

  @Test
  void aWelcomeOpensTheStreamWithExactlyItsHeaders() {
    Visitor visitor = bridge.visitor();

    try (EventStream stream = visitor.listen()) {
      RawResponse response = stream.response();
      assertThat(response.header("content-type")).hasValue("text/event-stream");
      assertThat(response.header("cache-control")).hasValue("no-cache, no-transform");
      assertThat(response.header("x-accel-buffering")).hasValue("no");
      assertThat(response.header("x-session-id")).isPresent();
      assertThat(response.header("vary")).hasValueSatisfying(v -> assertThat(v).contains("Origin"));
      assertThat(response.header("content-encoding")).isEmpty();
    }
  }

  @Test
  void theFirstEventIsJoinedAndTellsTheSession() {
    Visitor visitor = bridge.visitor();

    try (EventStream stream = visitor.listen()) {
      StreamedEvent joined = stream.next("joined");
      assertThat(joined.name()).isEqualTo("message");
      JsonObject data = joined.json();
      String session = stream.response().header("x-session-id").orElseThrow();
      assertThat(data.getString("id")).isEqualTo("/" + visitor.id());
      assertThat(data.getString("session_id")).isEqualTo(session);
      assertThat(data.getString("msg_id")).isEqualTo(joined.id()).isEqualTo(session + "-0");
      assertThat(data.getBoolean("resumed")).isFalse();
      assertThat(stream.retry()).matches("\\d+");
    }
  }

  @Test
  void aWelcomedCallerIsConnectedToRailsOnce() {
    Visitor visitor = bridge.visitor();

    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      assertThat(Stage.rails().connections(visitor.user())).hasSize(1);
    }
  }

  @Test
  void anUnauthorizedCallerIsAnswered403() {
    RawResponse answer = bridge.visitor().withQuery("unauthorized=1").refused();

    assertError(answer, 403);
  }

  @Test
  void aRefusedOriginIsAnswered502AndTheStatusOfTheServerIsTold() {
    Visitor visitor = bridge.visitor().withOrigin("http://evil.example");

    RawResponse answer = visitor.refused();

    assertError(answer, 502);
    assertThat(answer.json().getString("error")).contains("404");
  }

  @Test
  void anErrorRepeatsNeitherCookieNorToken() {
    Visitor visitor =
        bridge.visitor().withOrigin("http://evil.example").withQuery("token=secret-token");

    assertThat(visitor.refused().toString())
        .doesNotContain("secret-token")
        .doesNotContain(visitor.user());
  }

  @Test
  void aServerThatForcesSslIsAnswered502AndTheLocationIsTold() {
    try (RailsServer rails = RailsServer.start(0, Map.of("CABLE_FORCE_SSL", "1"));
        Bridge secured = Bridge.in(container).setting("cable.url", rails.cableUrl()).start()) {
      RawResponse answer = secured.visitor().refused();

      assertError(answer, 502);
      assertThat(answer.json().getString("error")).contains("301").contains("https://");
    }
  }

  @Test
  void aServerThatDoesNotListenIsAnswered502() {
    int port = FreePort.find();
    try (Bridge lonely =
        Bridge.in(container).setting("cable.url", "ws://127.0.0.1:" + port + "/cable").start()) {
      long start = System.nanoTime();
      assertError(lonely.visitor().refused(), 502);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void aConnectThatRaisesIsAnswered504WhenTenSecondsHavePassed() {
    Visitor visitor = bridge.visitor().withQuery("raise=1");
    long start = System.nanoTime();

    assertError(visitor.refused(), 504);

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(13));
  }

  @Test
  void aSlowConnectIsWaitedFor() {
    Visitor visitor = bridge.visitor().withQuery("slow-connect=2");

    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "short",
        "0123456789abcde",
        "0123456789abcdef%20",
        "0123456789abcdef+",
        "0123456789abcdef/x",
        "0123456789abcdef,0123456789"
      })
  void anIdThatIsNoneIsAnswered400(String id) {
    assertError(bridge.visitor().withId(id).refused(), 400);
  }

  @Test
  void anIdOf128CharactersIsOneAndOf129IsNone() {
    Visitor longest = bridge.visitor().withId("a".repeat(64) + "-_.~".repeat(16));

    try (EventStream stream = longest.listen()) {
      stream.next("joined");
    }
    assertError(longest.withId(longest.id() + "a").refused(), 400);
  }

  @Test
  void aPostForAStreamDoesTheSameAndItsBodyIsIgnored() {
    Visitor visitor = bridge.visitor();
    RawRequest request =
        visitor.request("POST", "").header("Accept", "text/event-stream").body("no JSON");

    try (EventStream stream = request.listen()) {
      assertThat(stream.response().header("content-type")).hasValue("text/event-stream");
      stream.next("joined");
      visitor.post(Commands.subscribe(Commands.ECHO));
      stream.next("connected");
    }
  }

  @Test
  void aHeadHasTheHeadersAndOpensNoSession() {
    Visitor visitor = bridge.visitor();

    RawResponse answer = visitor.request("HEAD", "").header("Accept", "text/event-stream").send();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("content-type")).hasValue("text/event-stream");
    assertThat(visitor.post().status()).isEqualTo(404);
    assertThat(Stage.rails().connections(visitor.user())).isEmpty();
  }

  @Test
  void anAcceptHeaderWithSeveralTypesAsksForAStreamToo() {
    RawRequest request =
        bridge
            .visitor()
            .request("GET", "")
            .header("Accept", "text/event-stream;q=0.9, application/json;q=0.1");

    try (EventStream stream = request.listen()) {
      stream.next("joined");
    }
  }

  static void assertError(RawResponse answer, int status) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    assertThat(answer.json().getString("error")).isNotBlank();
    assertThat(answer.json()).hasSize(1);
    assertThat(answer.header("cache-control")).hasValue("no-store");
  }
}
