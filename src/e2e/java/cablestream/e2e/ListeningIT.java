package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.echo;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * protocol.md, sections 2, 6 and 9: listeners that connect, disconnect and wait; sessions that end.
 */
@InTomcatAndJetty
class ListeningIT {
  private final Container container;
  private final Bridge bridge;

  ListeningIT(Container container) {
    this.container = container;
    bridge = Stage.bridge(container);
  }

  @Test
  void theNewestStreamTakesOver() {
    Visitor visitor = bridge.visitor();
    try (EventStream older = visitor.listenTo(ECHO)) {
      try (EventStream newer = visitor.listen()) {
        JsonObject closed = older.skipTo("closed").json();
        assertThat(closed.getString("reason")).isEqualTo("replaced");
        older.expectEnd();

        newer.next("joined");
        visitor.post(echo(ECHO, "for the newer"));
        newer.next("received");
        assertThat(Stage.rails().connections(visitor.user())).hasSize(1);
      }
    }
  }

  @Test
  void manyListenersAllGetEveryEventWhereTheSettingSaysSo() {
    try (Bridge many = Stage.bridgeWithSettings(container).setting("listeners", "many").start()) {
      Visitor visitor = many.visitor();
      try (EventStream one = visitor.listenTo(ECHO);
          EventStream other = visitor.listen()) {
        one.next("joined");
        other.next("joined");

        visitor.post(echo(ECHO, "for both"));

        StreamedEvent received = one.next("received");
        assertThat(other.next("received")).isEqualTo(received);
      }
    }
  }

  @Test
  void aListenerThatComesBackWithItsCursorGetsExactlyWhatItMissed() {
    Visitor visitor = bridge.visitor();
    String cursor;
    try (EventStream stream = visitor.listenTo(ECHO)) {
      visitor.post(echo(ECHO, "1"));
      cursor = stream.next("received").id();
    }
    visitor.post(echo(ECHO, "2"));
    visitor.post(echo(ECHO, "3"));

    try (EventStream back = visitor.stream("").header("Last-Event-ID", cursor).listen()) {
      JsonObject joined = back.next("joined").json();
      assertThat(joined.getBoolean("resumed")).isTrue();
      assertThat(joined.getString("msg_id")).isEqualTo(cursor);
      assertThat(text(back.next("received"))).isEqualTo("2");
      assertThat(text(back.next("received"))).isEqualTo("3");
      visitor.post(echo(ECHO, "4"));
      assertThat(text(back.next("received"))).isEqualTo("4");
    }
    try (EventStream again = visitor.stream("last-event-id=" + cursor).listen()) {
      again.next("joined");
      assertThat(text(again.next("received"))).isEqualTo("2");
    }
  }

  @Test
  void theSessionLingersAndThenItsConnectionIsClosed() {
    try (Bridge brief = Stage.bridgeWithSettings(container).setting("linger", "3s").start()) {
      Visitor visitor = brief.visitor();
      visitor.listenTo(ECHO).close();
      try (EventStream back = visitor.listen()) {
        assertThat(back.next("joined").json().getString("session_id"))
            .isEqualTo(back.response().header("x-session-id").orElseThrow());
        visitor.post(echo(ECHO, "still subscribed"));
        back.skipTo("received");
      }
      // Without a heartbeat in between, the next write is the first to show that a browser has
      // disconnected.
      visitor.post(echo(ECHO, "into the void"));
      visitor.post(echo(ECHO, "into the void"));

      Awaitility.await()
          .atMost(Duration.ofSeconds(25))
          .untilAsserted(() -> assertThat(Stage.rails().connections(visitor.user())).isEmpty());
      assertThat(visitor.post(echo(ECHO, "x")).status()).isEqualTo(404);
    }
  }

  @Test
  void aQuietStreamCarriesAPingWhereOneWasAskedFor() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.stream("ping=1").listen()) {
      stream.next("joined");

      for (int i = 0; i < 3; i++) {
        StreamedEvent ping = stream.next(Duration.ofSeconds(3));
        assertThat(ping.name()).isEqualTo("ping");
        assertThat(ping.data()).isEqualTo("{}");
      }
    }
  }

  @Test
  void whoIsThrownOutForGoodIsToldAndStaysOut() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      Stage.rails().disconnect(visitor.user(), false);

      JsonObject disconnected = stream.next("disconnected").json();
      assertThat(disconnected.get("identifier").toString()).isEqualTo(ECHO);
      assertThat(disconnected.getJsonObject("message").getString("reason")).isEqualTo("remote");
      assertThat(disconnected.getJsonObject("message").getBoolean("reconnect")).isFalse();
      StreamedEvent closed = stream.next("closed");
      assertThat(closed.json().getString("reason")).isEqualTo("remote");
      assertThat(closed.json().getBoolean("reconnect")).isFalse();
      assertThat(closed.id())
          .isEqualTo(stream.response().header("x-session-id").orElseThrow() + "-end");
      stream.expectEnd();

      RawResponse reconnection = visitor.stream("").header("Last-Event-ID", closed.id()).send();
      assertThat(reconnection.status()).isEqualTo(204);
      assertThat(visitor.refused().status()).isEqualTo(204);
      OpeningIT.assertError(visitor.poll(""), 410);
      OpeningIT.assertError(visitor.post(echo(ECHO, "x")), 410);
    }
  }

  @Test
  void aCursorOfAnEndIsAnswered204EvenAfterTheSessionIsForgotten() {
    Visitor visitor = bridge.visitor();

    assertThat(
            visitor.stream("")
                .header("Last-Event-ID", "0123456789abcdef0123456789abcdef-end")
                .send()
                .status())
        .isEqualTo(204);
  }

  private static String text(StreamedEvent event) {
    return event.json().getJsonObject("message").getString("text");
  }
}
