package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.quote;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.Commands;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** protocol.md, section 9: frames as an unmodified Action Cable client receives them. */
@InTomcatAndJetty
class TunnelIT {
  private static final String PROTOCOL = "protocol=actioncable-v1-json,actioncable-unsupported";
  private static final String SUBSCRIBE =
      "{\"command\":\"subscribe\",\"identifier\":" + quote(ECHO) + "}";

  private final Bridge bridge;

  TunnelIT(Container container) {
    bridge = Stage.bridge(container);
  }

  @Test
  void theFramesOfRailsArriveAsTheyAre() {
    Visitor visitor = bridge.visitor().withQuery(PROTOCOL);
    try (EventStream stream = visitor.listen()) {
      StreamedEvent opened = stream.next();
      assertThat(opened.name()).isEqualTo("opened");
      assertThat(opened.json().getString("protocol")).isEqualTo("actioncable-v1-json");
      assertThat(opened.json().getBoolean("resumed")).isFalse();
      String session = opened.json().getString("session_id");

      StreamedEvent welcome = frame(stream);
      assertThat(welcome.name()).isEqualTo("message");
      assertThat(welcome.data()).isEqualTo("{\"type\":\"welcome\"}");
      assertThat(welcome.id()).startsWith(session + "-");

      assertThat(post(visitor, SUBSCRIBE).text()).isEqualTo("[]");
      assertThat(frame(stream).data())
          .isEqualTo("{\"identifier\":" + quote(ECHO) + ",\"type\":\"confirm_subscription\"}");

      post(
          visitor,
          "{\"command\":\"message\",\"identifier\":"
              + quote(ECHO)
              + ",\"data\":"
              + quote("{\"action\":\"echo\",\"text\":\"hi\"}")
              + "}");
      assertThat(frame(stream).data())
          .isEqualTo(
              "{\"identifier\":"
                  + quote(ECHO)
                  + ",\"message\":{\"action\":\"echo\",\"text\":\"hi\"}}");
    }
  }

  @Test
  void pingsArriveToo() {
    Visitor visitor = bridge.visitor().withQuery(PROTOCOL);
    try (EventStream stream = visitor.listen()) {
      stream.next();
      StreamedEvent event = stream.next();
      while (!event.data().contains("\"type\":\"ping\"")) {
        event = stream.next(Duration.ofSeconds(6));
      }
    }
  }

  @Test
  void itIsOpenedBeforeItDialsAndFramesWaitForTheDial() {
    Visitor visitor = bridge.visitor().withQuery(PROTOCOL + "&slow-connect=2");
    long start = System.nanoTime();
    try (EventStream stream = visitor.listen()) {
      assertThat(stream.next().name()).isEqualTo("opened");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
      CompletableFuture<RawResponse> answer =
          CompletableFuture.supplyAsync(() -> post(visitor, SUBSCRIBE));

      assertThat(frame(stream).data()).contains("welcome");
      assertThat(frame(stream).data()).contains("confirm_subscription");
      assertThat(answer.join().status()).isEqualTo(200);
    }
  }

  @Test
  void anUnauthorizedCallerGetsTheFrameThatSaysSoAndThenClose() {
    Visitor visitor = bridge.visitor().withQuery(PROTOCOL + "&unauthorized=1");
    try (EventStream stream = visitor.listen()) {
      assertThat(stream.next().name()).isEqualTo("opened");
      assertThat(stream.next().data())
          .isEqualTo("{\"type\":\"disconnect\",\"reason\":\"unauthorized\",\"reconnect\":false}");
      StreamedEvent close = stream.next();
      assertThat(close.name()).isEqualTo("close");
      assertThat(close.id()).endsWith("-end");
      stream.expectEnd();
    }
  }

  @Test
  void aRefusedOriginIsACloseAsAnEventSourceReadsNoStatus() {
    Visitor visitor = bridge.visitor().withQuery(PROTOCOL).withOrigin("http://evil.example");
    try (EventStream stream = visitor.listen()) {
      assertThat(stream.next().name()).isEqualTo("opened");
      assertThat(stream.next().name()).isEqualTo("close");
      stream.expectEnd();
    }
  }

  @Test
  void aListenerThatComesBackResumesTheTunnel() {
    Visitor visitor = bridge.visitor().withQuery(PROTOCOL);
    String cursor;
    try (EventStream stream = visitor.listen()) {
      stream.next();
      cursor = frame(stream).id();
    }
    post(visitor, SUBSCRIBE);

    try (EventStream back = visitor.stream("last-event-id=" + cursor).listen()) {
      assertThat(back.next().json().getBoolean("resumed")).isTrue();
      assertThat(frame(back).data()).contains("confirm_subscription");
    }
  }

  @Test
  void theOtherModeIsAnswered409() {
    Visitor channels = bridge.visitor();
    Visitor tunnel = bridge.visitor().withQuery(PROTOCOL);
    try (EventStream stream = tunnel.listen()) {
      stream.next();
      OpeningIT.assertError(tunnel.post(Commands.subscribe(ECHO)), 400);
    }
    try (EventStream stream = channels.listen()) {
      stream.next("joined");
      // The subprotocols count as credentials, so the browser's cookie has to grant access.
      Visitor other = channels.withCookieOf(stream.response()).withQuery(PROTOCOL);
      OpeningIT.assertError(other.refused(), 409);
    }
  }

  @Test
  void byLongPollTheFramesAreStrings() {
    Visitor visitor = bridge.visitor().withQuery(PROTOCOL);

    JsonObject first = visitor.poll("").json().getJsonArray("messages").getJsonObject(0);
    assertThat(first.getString("type")).isEqualTo("opened");
    JsonObject welcome =
        Awaitility.await()
            .until(() -> visitor.poll("").json().getJsonArray("messages"), it -> !it.isEmpty())
            .getJsonObject(0);

    assertThat(welcome.getString("type")).isEqualTo("message");
    assertThat(welcome.getString("data")).isEqualTo("{\"type\":\"welcome\"}");
  }

  private static RawResponse post(Visitor visitor, String frame) {
    return visitor.request("POST", "").body("[" + quote(frame) + "]").send();
  }

  /** The next frame that isn't a ping. */
  private static StreamedEvent frame(EventStream stream) {
    StreamedEvent event = stream.next();
    while (event.data().contains("\"type\":\"ping\"")) {
      event = stream.next();
    }
    return event;
  }
}
