package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The path in a page's consumer, and the setting {@code cable.paths}; protocol section 5. */
@InTomcatAndJetty
class CablePathIT {
  private static final String TUNNEL = "protocol=actioncable-v1-json&cable-path=";

  private static final CableServer CABLE = new CableServer();
  private static final Map<Container, Bridge> BRIDGES = new EnumMap<>(Container.class);

  private final Bridge bridge;

  CablePathIT(Container container) {
    bridge =
        BRIDGES.computeIfAbsent(
            container,
            it ->
                Bridge.in(it)
                    .setting("cable.url", CABLE.url() + "?v=1")
                    .setting("cable.paths", "/admin/cable, /*/cable")
                    .start());
  }

  @AfterAll
  static void stop() {
    BRIDGES.values().forEach(Bridge::close);
    BRIDGES.clear();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/admin/cable", "/acme/cable", "/cable"})
  void aPathThatIsAllowedIsDialledWithAllElseAsEver(String path) {
    Visitor visitor = bridge.visitor().withQuery("a=1&cable-path=" + path + "&b=2");
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
    }
    assertThat(CABLE.requests(visitor.header("Cookie")))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("GET " + path + "?v=1&a=1&b=2 HTTP/1.1\r\n");
  }

  @Test
  void withoutOneItIsThatOfTheUrl() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
    }
    assertThat(CABLE.requests(visitor.header("Cookie")).get(0)).startsWith("GET /cable?v=1 HTTP");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/other",
        "/",
        "/cable/",
        "/a/b/cable",
        "/../cable",
        "/a%252Fb/cable",
        "/acme/cable;a",
        "//evil.example/cable",
        "/acme@evil.example:1/cable"
      })
  void anotherIsRefusedBeforeAnythingIsDialled(String path) {
    Visitor visitor = bridge.visitor().withQuery("cable-path=" + path);
    String named = path.replace("%25", "%");
    String error = "the path " + named + " isn't allowed: the setting cable.paths doesn't name it";
    assertRefused(visitor.refused(), 403);
    assertThat(visitor.poll("timeout=0").json().getString("error")).isEqualTo(error);

    // An EventSource can't read a status.
    Visitor client = visitor.withNewId().withQuery(TUNNEL + path);
    try (EventStream stream = client.listen()) {
      assertThat(stream.next().name()).isEqualTo("opened");
      StreamedEvent close = stream.next();
      assertThat(close.name()).isEqualTo("close");
      assertThat(close.json().getInt("code")).isEqualTo(1008);
      assertThat(close.json().getString("reason")).isEqualTo(error);
      stream.expectEnd();
    }
    Visitor polling = client.withNewId();
    JsonObject opened = message(polling.poll("timeout=0"));
    assertThat(opened.getString("type")).isEqualTo("opened");
    JsonObject closed = message(polling.poll("last-event-id=" + opened.getString("id")));
    assertThat(closed.getString("type")).isEqualTo("close");
    assertThat(closed.getString("data")).contains("cable.paths");

    assertThat(CABLE.requests(visitor.header("Cookie"))).isEmpty();
    await()
        .until(
            () ->
                bridge.log().contains("event=cable_dial_failed kind=path_not_allowed failures=1 "));
  }

  private static JsonObject message(RawResponse polled) {
    return polled.json().getJsonArray("messages").getJsonObject(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "cable", "/a%20b", "/a%0d%0aX-Injected:1", "/a%22", "/%C3%A9", "/a%3Fb"})
  void whatIsNoPathIsABadRequest(String path) {
    Visitor visitor = bridge.visitor().withQuery("cable-path=" + path);
    assertRefused(visitor.refused(), 400);
    assertThat(CABLE.requests(visitor.header("Cookie"))).isEmpty();
  }

  @Test
  void aSessionIsThatOfItsPath() {
    Visitor visitor = bridge.visitor().withQuery("cable-path=/acme/cable");
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      Visitor same = visitor.withCookieOf(stream.response());
      Refusals.assertLockedOut(same.withQuery("cable-path=/admin/cable"));
      Refusals.assertLockedOut(same.withQuery(""));
      assertThat(same.subscribe(CableSession.ECHO).status()).isEqualTo(200);
    }
  }
}
