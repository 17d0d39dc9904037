package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.RAW;
import static cablestream.support.wire.Commands.REJECT;
import static cablestream.support.wire.Commands.echo;
import static cablestream.support.wire.Commands.send;
import static cablestream.support.wire.Commands.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same unmodified WAR in each place where it can be deployed. */
class EveryContainerIT {
  /** Where the WAR is deployed. */
  enum Place {
    TOMCAT10,
    TOMCAT11,
    JETTY_EE10,
    JETTY_EE11,
    DEBIAN_TOMCAT;

    Visitor visitor() {
      return this == DEBIAN_TOMCAT
          ? Stage.debianTomcat().visitor()
          : Stage.bridge(Container.valueOf(name())).visitor();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSessionLivesFromJoinedToDelete(Place place) {
    Visitor visitor = place.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      RawResponse reply = visitor.post(subscribe(ECHO), echo(ECHO, "Grüße"), subscribe(REJECT));
      assertThat(reply.jsonArray())
          .hasSize(3)
          .allSatisfy(it -> assertThat(it.asJsonObject().containsKey("error")).isFalse());
      List<String> types = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        types.add(stream.next().type());
      }
      assertThat(types).containsExactlyInAnyOrder("connected", "received", "rejected");

      assertThat(visitor.delete().status()).isEqualTo(204);
      stream.skipTo("closed");
      stream.expectEnd();
      Awaitility.await()
          .untilAsserted(() -> assertThat(Stage.rails().connections(visitor.user())).isEmpty());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageOfFourMegabytesArrivesByStreamAndByPoll(Place place) {
    Visitor visitor = place.visitor();
    try (EventStream stream = visitor.listenTo(RAW)) {
      visitor.post(send(RAW, "{\"action\":\"string\",\"bytes\":4194304}"));
      assertThat(stream.next("received").json().getString("message")).hasSize(2 * 1024 * 1024);
    }
    visitor.post(send(RAW, "{\"action\":\"string\",\"bytes\":4194304}"));
    JsonObject body = visitor.poll("").json();
    JsonObject event = body.getJsonArray("messages").getJsonObject(0);
    assertThat(event.getString("message")).hasSize(2 * 1024 * 1024);
  }

  @ParameterizedTest
  @EnumSource
  void aChannelHasTheSameIdEverywhere(Place place) {
    Visitor visitor = place.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");

      JsonObject reply = visitor.post(subscribe(ECHO)).jsonArray().getJsonObject(0);

      // printf '{"channel":"EchoChannel"}' | sha256sum
      assertThat(reply.getString("chan_id")).isEqualTo("458a0f73e381faede871b6e556fc56b6");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anErrorIsJsonAndNeverAPageOfTheContainer(Place place) {
    OpeningIT.assertError(place.visitor().withId("short").refused(), 400);
    OpeningIT.assertError(place.visitor().withQuery("unauthorized=1").refused(), 403);
    OpeningIT.assertError(place.visitor().withOrigin("http://evil.example").refused(), 502);
    OpeningIT.assertError(place.visitor().request("PUT", "").send(), 405);
    OpeningIT.assertError(place.visitor().post(subscribe(ECHO)), 404);
  }

  @ParameterizedTest
  @EnumSource(names = "DEBIAN_TOMCAT", mode = EnumSource.Mode.EXCLUDE)
  void whereTheContainerHasNoWebSocketsTheirTrialIsAnsweredSo(Place place) {
    Visitor visitor = place.visitor();

    RawResponse answer =
        RawRequest.of("GET", visitor.site().port(), visitor.site().path() + "/-/echo/cable").send();

    OpeningIT.assertError(answer, 501);
  }

  @Test
  void whereTheContainerHasWebSocketsTheirTrialGreets() throws Exception {
    Visitor visitor = Place.DEBIAN_TOMCAT.visitor();
    CompletableFuture<String> greeting = new CompletableFuture<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            greeting.complete(text.toString());
            return null;
          }
        };
    String url =
        "ws://127.0.0.1:" + visitor.site().port() + visitor.site().path() + "/-/echo/cable";

    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .subprotocols("actioncable-v1-json")
            .buildAsync(URI.create(url), listener)
            .get(10, TimeUnit.SECONDS);

    assertThat(socket.getSubprotocol()).isEqualTo("actioncable-v1-json");
    assertThat(greeting.get(10, TimeUnit.SECONDS)).isEqualTo("{\"type\":\"welcome\"}");
    socket.abort();
  }
}
