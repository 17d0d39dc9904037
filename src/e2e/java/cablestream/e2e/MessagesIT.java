package cablestream.e2e;

import static cablestream.support.wire.Commands.BURST;
import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.RAW;
import static cablestream.support.wire.Commands.REJECT;
import static cablestream.support.wire.Commands.chat;
import static cablestream.support.wire.Commands.echo;
import static cablestream.support.wire.Commands.raw;
import static cablestream.support.wire.Commands.send;
import static cablestream.support.wire.Commands.slow;
import static cablestream.support.wire.Commands.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** protocol.md, sections 2 and 3: sent commands and received messages. */
@InTomcatAndJetty
class MessagesIT {
  private final Bridge bridge;

  MessagesIT(Container container) {
    bridge = Stage.bridge(container);
  }

  @Test
  void whatIsSentIsEchoed() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      RawResponse answer = visitor.post(echo(ECHO, "Grüße, 🚂"));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.jsonArray().getJsonObject(0).containsKey("error")).isFalse();
      JsonObject received = stream.next("received").json();
      assertThat(received.getJsonObject("message").getString("text")).isEqualTo("Grüße, 🚂");
      assertThat(received.getJsonObject("message").getString("action")).isEqualTo("echo");
      assertThat(received.containsKey("time")).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"<turbo-stream action=\\\"append\\\">é 🚂 \\ud83d\\u2028</turbo-stream>\"",
        "[1, 2,3 ,{\"b\":1,\"a\":[]}]",
        "{\"zebra\" : 1, \"apple\":{} , \"zebra\":2}",
        "12345678901234567890123456789.000",
        "-0.0",
        "1E400",
        "true",
        "null",
        "\"\"",
        "{\"line\":\"a\\r\\nb\\u0000\"}"
      })
  void aMessageOfAnyJsonArrivesByteForByte(String json) {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(RAW)) {
      visitor.post(raw(json));

      assertMessage(stream.next("received"), json);
    }
  }

  @Test
  void lineBreaksBetweenTokensBecomeSpaces() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(RAW)) {
      visitor.post(raw("{\n\"a\":\r\n1,\r\"b\":\n\n2}"));

      assertMessage(stream.next("received"), "{ \"a\":  1, \"b\":  2}");
    }
  }

  @Test
  void aMessageOfFourMegabytesArrivesWhole() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(RAW)) {
      visitor.post(send(RAW, "{\"action\":\"string\",\"bytes\":4194304}"));

      String message = stream.next("received").json().getString("message");

      assertThat(message.length()).isEqualTo(2 * 1024 * 1024);
      assertThat(message.chars()).allMatch(c -> c == 'é');
    }
  }

  @Test
  void aTransmissionWhileSubscribingComesBeforeTheConfirmation() {
    String identifier = "{\"channel\":\"EchoChannel\",\"greeting\":\"hello\"}";
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");

      visitor.post(subscribe(identifier));

      assertMessage(stream.next("received"), "\"hello\"");
      stream.next("connected");
    }
  }

  @Test
  void aBurstArrivesInOrderAndItsIdsRiseByOne() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(BURST)) {
      visitor.post(send(BURST, "{\"action\":\"burst\",\"count\":3000,\"size\":500}"));

      String session = stream.response().header("x-session-id").orElseThrow();
      for (int n = 1; n <= 3000; n++) {
        StreamedEvent event = stream.next("received");
        assertThat(event.json().getJsonObject("message").getInt("n")).isEqualTo(n);
        // The confirmation was the first.
        assertThat(event.id()).isEqualTo(session + "-" + (n + 1));
      }
    }
  }

  @Test
  void aBroadcastReachesEachSessionThatStreamsIt() {
    Visitor ann = bridge.visitor();
    Visitor bob = bridge.visitor();
    String room = ann.id();
    try (EventStream one = ann.listenTo(chat(room));
        EventStream other = bob.listenTo(chat(room))) {
      Stage.rails().broadcast("chat_" + room, "\"<b>html</b>\"");
      assertThat(one.next("received").json().getString("message")).isEqualTo("<b>html</b>");
      assertThat(other.next("received").json().getString("message")).isEqualTo("<b>html</b>");

      bob.post(send(chat(room), "{\"action\":\"speak\",\"text\":\"hi\"}"));
      assertThat(one.next("received").json().getJsonObject("message").getString("user"))
          .isEqualTo(bob.user());
    }
  }

  @Test
  void aSendWaitsForTheConfirmation() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      long start = System.nanoTime();

      RawResponse answer = visitor.post(subscribe(slow(1.5)), echo(slow(1.5), "held"));

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(answer.jsonArray())
          .allSatisfy(it -> assertThat(it.asJsonObject().containsKey("error")).isFalse());
      stream.next("connected");
      assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
          .isEqualTo("held");
    }
  }

  @Test
  void aHeldSendDoesNotHoldThoseOfOtherIdentifiers() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      CompletableFuture<RawResponse> answer =
          CompletableFuture.supplyAsync(
              () -> visitor.post(subscribe(slow(2)), echo(slow(2), "held"), echo(ECHO, "at once")));

      assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
          .isEqualTo("at once");
      stream.next("connected");
      assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
          .isEqualTo("held");
      assertThat(answer.join().jsonArray()).hasSize(3);
    }
  }

  @Test
  void aSendToWhatIsRejectedOrNotSubscribedIsAnError() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      JsonArray replies =
          visitor.post(subscribe(REJECT), echo(REJECT, "x"), echo(ECHO, "x")).jsonArray();

      assertThat(replies.getJsonObject(0).containsKey("error")).isFalse();
      assertThat(replies.getJsonObject(1).getString("error")).contains("rejected");
      assertThat(replies.getJsonObject(2).getString("error")).contains("subscribed");
      stream.next("joined");
      stream.next("rejected");
    }
  }

  @Test
  void aSendThatIsNotAnObjectIsAnError() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      JsonArray replies = visitor.post(send(ECHO, "\"text\""), send(ECHO, "[1]")).jsonArray();

      assertThat(replies)
          .hasSize(2)
          .allSatisfy(it -> assertThat(it.asJsonObject().getString("error")).contains("object"));
      stream.expectSilence(Duration.ofMillis(300));
    }
  }

  @Test
  void aBadCommandDoesNotSpoilItsNeighbours() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      JsonArray replies =
          visitor.post("17", "{}", "{\"identifier\":\"x\"}", echo(ECHO, "fine")).jsonArray();

      assertThat(replies).hasSize(4);
      assertThat(replies.subList(0, 3))
          .allSatisfy(it -> assertThat(it.asJsonObject().getString("error")).isNotBlank());
      assertThat(replies.getJsonObject(3).containsKey("error")).isFalse();
      assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
          .isEqualTo("fine");
    }
  }

  @Test
  void whatIsNestedTooDeepIsAnErrorOfItsCommandAlone() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      String deep = "{\"action\":\"echo\",\"data\":" + "[".repeat(70) + "]".repeat(70) + "}";

      JsonArray replies = visitor.post(send(ECHO, deep), echo(ECHO, "fine")).jsonArray();

      assertThat(replies.getJsonObject(0).getString("error")).isNotBlank();
      assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
          .isEqualTo("fine");
    }
  }

  @Test
  void aHundredSendsOfOnePostAllArrive() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      String[] commands =
          IntStream.range(0, 100).mapToObj(n -> echo(ECHO, "" + n)).toArray(String[]::new);

      assertThat(visitor.post(commands).jsonArray()).hasSize(100);

      // Rails executes them in parallel, and may reorder two.
      TreeSet<Integer> texts = new TreeSet<>();
      for (int i = 0; i < 100; i++) {
        JsonObject message = stream.next("received").json().getJsonObject("message");
        texts.add(Integer.valueOf(message.getString("text")));
      }
      assertThat(texts).hasSize(100);
    }
  }

  @Test
  void aPostThatIsRepeatedWithItsKeyIsCarriedOutOnce() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      String body = "[" + echo(ECHO, "once") + "]";
      RawResponse first = visitor.request("POST", "idempotency-key=k1").body(body).send();
      RawResponse again =
          visitor.request("POST", "").header("Idempotency-Key", "k1").body(body).send();

      assertThat(again.status()).isEqualTo(200);
      assertThat(again.text()).isEqualTo(first.text());
      OpeningIT.assertError(
          visitor
              .request("POST", "idempotency-key=k1")
              .body("[" + echo(ECHO, "other") + "]")
              .send(),
          422);
      stream.next("received");
      stream.expectSilence(Duration.ofMillis(500));
    }
  }

  @Test
  void whatIsNoArrayOfJsonIsAnswered400() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      for (String body : List.of("[", "{}", "\"x\"", "[1]x", "nonsense", "[\"\u0001\"]")) {
        OpeningIT.assertError(visitor.request("POST", "").body(body).send(), 400);
      }
      stream.expectSilence(Duration.ofMillis(200));
    }
  }

  @Test
  void aPostToASessionThatIsNotThereIsAnswered404() {
    OpeningIT.assertError(bridge.visitor().post(subscribe(ECHO)), 404);
  }

  @Test
  void aBodyOver64KibibytesIsAnswered413AndSoAreOver100Commands() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      OpeningIT.assertError(visitor.post(echo(ECHO, "x".repeat(64 * 1024))), 413);
      String[] commands =
          IntStream.range(0, 101).mapToObj(n -> echo(ECHO, "" + n)).toArray(String[]::new);
      OpeningIT.assertError(visitor.post(commands), 413);
      stream.expectSilence(Duration.ofMillis(300));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "text/plain", "application/json", "application/x-www-form-urlencoded"})
  void theContentTypeDoesNotMatter(String type) {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      var request = visitor.request("POST", "").body("[" + subscribe(ECHO) + "]");

      assertThat((type.isEmpty() ? request : request.header("Content-Type", type)).send().status())
          .isEqualTo(200);

      stream.next("connected");
    }
  }

  @Test
  void aPostThatComesDuringTheDialWaitsForIt() {
    Visitor visitor = bridge.visitor().withQuery("slow-connect=2");
    CompletableFuture<EventStream> opening = CompletableFuture.supplyAsync(visitor::listen);
    // The session exists from the beginning of the dial.
    RawResponse answer =
        Awaitility.await()
            .until(
                () -> visitor.post(subscribe(ECHO), echo(ECHO, "early")), it -> it.status() != 404);

    assertThat(answer.status()).isEqualTo(200);
    try (EventStream stream = opening.join()) {
      stream.skipTo("connected");
      assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
          .isEqualTo("early");
    }
  }

  /** Whether the event's message consists of exactly these characters. */
  private static void assertMessage(StreamedEvent event, String json) {
    String member = "\"message\":" + json;
    int start = event.data().indexOf(member);
    assertThat(start).as(event.data()).isNotNegative();
    assertThat(event.data().charAt(start + member.length())).as(event.data()).isIn(',', '}');
  }
}
