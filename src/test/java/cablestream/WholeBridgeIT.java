package cablestream;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.CableServerConnection;
import cablestream.support.InProcessActionCable;
import cablestream.support.webapp.WebApplication;
import cablestream.support.webapp.WebApplication.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From the browser's socket to the cable's and back, all in this process. */
@Timeout(60)
class WholeBridgeIT {
  private static final String CHAT = "{\"room\":1.0,\"channel\":\"ChatChannel\"}";
  private static final String ORIGIN = "http://page.example";

  private final InProcessActionCable rails = InProcessActionCable.start();
  private final String id = UUID.randomUUID().toString();
  private WebApplication bridge;

  private void deploy(Container container) throws Exception {
    bridge =
        container.deploy(
            Map.of(
                "<listener>",
                "<context-param><param-name>cablestream.cable.url</param-name><param-value>"
                    + rails.url()
                    + "</param-value></context-param><listener>"));
  }

  @AfterEach
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    rails.close();
  }

  @ParameterizedTest
  @EnumSource
  void aStreamSubscribesReceivesSendsAndEnds(Container container) throws Exception {
    deploy(container);
    try (EventStream stream = listen("")) {
      StreamedEvent joined = stream.next("joined");
      assertThat(Integer.parseInt(stream.retry())).isBetween(500, 1_000);
      assertThat(stream.response().header("content-type")).contains("text/event-stream");
      String sessionId = stream.response().header("x-session-id").orElseThrow();
      assertThat(joined.json().getString("session_id")).isEqualTo(sessionId);

      JsonObject reply = command("{\"identifier\":" + CHAT + ",\"subscribe\":true}");
      StreamedEvent connected = stream.next("connected");
      assertThat(connected.json().getString("chan_id")).isEqualTo(reply.getString("chan_id"));

      CableServerConnection cable = rails.awaitConnection().awaitSubscribed(CHAT);
      cable.broadcast(CHAT, "{ \"n\": 1.00000000000000000001,\n \"t\": \"é😀\" }");
      assertThat(stream.next("received").data())
          .contains("\"message\":{ \"n\": 1.00000000000000000001,  \"t\": \"é😀\" }");

      command("{\"identifier\":" + CHAT + ",\"send\":{\"action\":\"speak\"}}");
      assertThat(request("DELETE", "").send().status()).isEqualTo(204);
      StreamedEvent closed = stream.skipTo("closed");
      assertThat(closed.json().getString("reason")).isEqualTo("ended");
      stream.expectEnd();

      RawResponse again = streamRequest("?last-event-id=" + closed.id()).send();
      assertThat(again.status()).isEqualTo(204);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageOfFifteenMegabytesArrivesByteForByte(Container container) throws Exception {
    deploy(container);
    try (EventStream stream = listen("")) {
      stream.next("joined");
      command("{\"identifier\":" + CHAT + ",\"subscribe\":true}");
      stream.next("connected");
      String message = "\"" + "é€😀 ".repeat(1_500_000) + "\"";

      rails.awaitConnection().awaitSubscribed(CHAT).broadcast(CHAT, message);

      // Enough time to encode, send and decode all of it on a busy machine.
      assertThat(stream.next(Duration.ofMinutes(1)).data().contains(message)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPollOpensContinuesAndLosesNothing(Container container) throws Exception {
    deploy(container);
    JsonObject first = poll("?timeout=5");
    assertThat(first.getJsonArray("messages").getJsonObject(0).getString("type"))
        .isEqualTo("joined");
    command("{\"identifier\":" + CHAT + ",\"subscribe\":true}");
    CableServerConnection cable = rails.awaitConnection().awaitSubscribed(CHAT);
    for (int i = 1; i <= 3; i++) {
      cable.broadcast(CHAT, "" + i);
    }

    JsonObject connected = poll("?timeout=5&poll-queue=1");
    assertThat(connected.getJsonArray("messages")).hasSize(1);
    assertThat(connected.getJsonArray("channels")).hasSize(1);
    for (int i = 1; i <= 3; i++) {
      JsonObject answer = poll("?timeout=5&poll-queue=1");
      assertThat(answer.getJsonArray("messages").getJsonObject(0).getInt("message")).isEqualTo(i);
    }
    assertThat(poll("?timeout=0").getJsonArray("messages")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aPostOpensASessionForAPoll(Container container) throws Exception {
    deploy(container);
    RawResponse reply =
        request("POST", "?poll-queue=5")
            .body("[{\"identifier\":" + CHAT + ",\"subscribe\":true}]")
            .send();
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("set-cookie").orElseThrow()).startsWith("cablestream=");
    assertThat(reply.header("access-control-allow-origin")).contains(ORIGIN);
  }

  @ParameterizedTest
  @EnumSource
  void theNewestStreamTakesOver(Container container) throws Exception {
    deploy(container);
    try (EventStream first = listen("")) {
      String at = first.next("joined").id();
      try (EventStream second = listen("?last-event-id=" + at)) {
        assertThat(second.next("joined").json().getBoolean("resumed")).isTrue();
        assertThat(first.skipTo("closed").json().getString("reason")).isEqualTo("replaced");
        first.expectEnd();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPostMayListen(Container container) throws Exception {
    deploy(container);
    RawRequest request =
        request("POST", "").header("Accept", "text/event-stream").body("whatever".repeat(1_000));
    try (EventStream stream = request.listen()) {
      stream.next("joined");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTunnelCarriesFramesBothWays(Container container) throws Exception {
    deploy(container);
    String tunnel = "?protocol=actioncable-v1-json,actioncable-unsupported";
    try (EventStream stream = listen(tunnel)) {
      assertThat(stream.next().name()).isEqualTo("opened");
      assertThat(stream.next().data()).isEqualTo("{\"type\":\"welcome\"}");
      String subscribe =
          "{\\\"command\\\":\\\"subscribe\\\",\\\"identifier\\\":\\\"{\\\\\\\"channel\\\\\\\":\\\\\\\"C\\\\\\\"}\\\"}";
      RawResponse reply = request("POST", tunnel).body("[\"" + subscribe + "\"]").send();
      assertThat(reply.text()).isEqualTo("[]");
      rails.awaitConnection().awaitSubscribed("{\"channel\":\"C\"}");

      assertThat(stream.skipTo("confirm_subscription").name()).isEqualTo("message");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whomTheServerRefusesIsToldWhyInJson(Container container) throws Exception {
    deploy(container);
    rails.authorizesNobody();
    RawResponse stream = streamRequest("").send();
    assertThat(stream.status()).isEqualTo(403);
    assertThat(stream.json().getString("error")).isNotEmpty();
    assertThat(stream.header("access-control-allow-origin")).contains(ORIGIN);
    rails.refusesWith(404);
    RawResponse poll = RawRequest.of("GET", bridge.port(), path() + "-2").send();
    assertThat(poll.status()).isEqualTo(502);
    assertThat(poll.json().getString("error")).contains("404");
  }

  @ParameterizedTest
  @EnumSource
  void aPostThatCannotBeReadIsRefusedAsAWhole(Container container) throws Exception {
    deploy(container);
    try (EventStream stream = listen("")) {
      stream.next("joined");
      assertThat(request("POST", "").body("{").send().status()).isEqualTo(400);
      assertThat(request("POST", "").body("[" + " ".repeat(70_000) + "]").send().status())
          .isEqualTo(413);
      assertThat(command("{\"identifier\":" + CHAT + ",\"send\":1}").getString("error"))
          .isNotEmpty();
    }
    assertThat(RawRequest.of("POST", bridge.port(), path() + "-none").body("[]").send().status())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyPostIsTheFarewell(Container container) throws Exception {
    deploy(container);
    try (EventStream stream = listen("")) {
      stream.next("joined");
      assertThat(request("POST", "?session-id=another").body("").send().status()).isEqualTo(204);
      assertThat(request("POST", "").body("").send().status()).isEqualTo(204);
      stream.skipTo("closed");
      stream.expectEnd();
    }
  }

  @ParameterizedTest
  @EnumSource
  void stoppingTheWebApplicationEndsItsStreams(Container container) throws Exception {
    deploy(container);
    try (EventStream stream = listen("")) {
      stream.next("joined");

      bridge.close();
      bridge = null;

      stream.awaitEnding();
    }
  }

  private EventStream listen(String query) {
    return streamRequest(query).listen();
  }

  private RawRequest streamRequest(String query) {
    return request("GET", query).header("Accept", "text/event-stream");
  }

  private JsonObject poll(String query) {
    RawResponse answer = request("GET", query).send();
    assertThat(answer.status()).isEqualTo(200);
    return answer.json();
  }

  /** The response to one command. */
  private JsonObject command(String command) {
    RawResponse answer = request("POST", "").body("[" + command + "]").send();
    assertThat(answer.status()).isEqualTo(200);
    return answer.jsonArray().getJsonObject(0);
  }

  private RawRequest request(String method, String query) {
    return RawRequest.of(method, bridge.port(), path() + query)
        .header("Origin", ORIGIN)
        .header("Cookie", "_app=signed-in");
  }

  private String path() {
    return WebApplication.BASE + "/" + id;
  }
}
