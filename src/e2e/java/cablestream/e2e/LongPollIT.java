package cablestream.e2e;

import static cablestream.support.wire.Commands.BURST;
import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.chat;
import static cablestream.support.wire.Commands.echo;
import static cablestream.support.wire.Commands.send;
import static cablestream.support.wire.Commands.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.Commands;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** protocol.md, section 4. */
@InTomcatAndJetty
class LongPollIT {
  private final Bridge bridge;

  LongPollIT(Container container) {
    bridge = Stage.bridge(container);
  }

  @Test
  void aPollOpensTheSession() {
    Visitor visitor = bridge.visitor();

    RawResponse answer = visitor.poll("");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.header("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    assertThat(answer.header("cache-control")).hasValue("no-store");
    JsonObject body = answer.json();
    assertThat(answer.header("x-session-id")).hasValue(body.getString("session_id"));
    assertThat(body.getInt("dropped")).isZero();
    assertThat(body.getInt("queue_length")).isZero();
    assertThat(body.getJsonArray("channels")).isEmpty();
    assertThat(types(body)).containsExactly("joined");
    JsonObject joined = body.getJsonArray("messages").getJsonObject(0);
    assertThat(joined.getString("id")).isEqualTo("/" + visitor.id());
    assertThat(joined.getString("msg_id")).isEqualTo(body.getString("session_id") + "-0");
  }

  @Test
  void aPollAnswersAsSoonAsThereIsAnEvent() {
    Visitor visitor = pollerIn(chat("at-once"));
    CompletableFuture<RawResponse> waiting = CompletableFuture.supplyAsync(() -> visitor.poll(""));
    // Enough time for the poll to be waiting; if it weren't yet, the response would be the same.
    assertThat(waiting)
        .as("a poll without events waits")
        .satisfies(
            it -> Awaitility.await().during(Duration.ofMillis(700)).until(() -> !it.isDone()));

    long start = System.nanoTime();
    visitor.post(send(chat("at-once"), "{\"action\":\"speak\",\"text\":\"hi\"}"));
    JsonObject body = waiting.join().json();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    assertThat(types(body)).containsExactly("received");
    assertThat(body.getJsonArray("messages").getJsonObject(0).getJsonObject("message"))
        .hasToString("{\"user\":\"" + visitor.user() + "\",\"text\":\"hi\"}");
  }

  @Test
  void aPollWithoutEventsIsAnsweredEmptyWhenItsTimeIsOver() {
    Visitor visitor = pollerIn(ECHO);
    long start = System.nanoTime();

    JsonObject body = visitor.poll("timeout=1").json();

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(700), Duration.ofSeconds(3));
    assertThat(body.getJsonArray("messages")).isEmpty();
  }

  @Test
  void aPollWithATimeoutOfZeroAnswersAtOnce() {
    Visitor visitor = pollerIn(ECHO);
    long start = System.nanoTime();

    JsonObject body = visitor.poll("timeout=0").json();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(700));
    assertThat(body.getJsonArray("messages")).isEmpty();
    assertThat(body.getJsonArray("channels")).hasSize(1);
  }

  @Test
  void aTimeoutOrQueueThatIsNoNumberOrOutOfRangeIsAnswered400() {
    Visitor visitor = pollerIn(ECHO);

    for (String query : List.of("timeout=x", "timeout=-1", "poll-queue=x", "poll-queue=-1")) {
      OpeningIT.assertError(visitor.poll(query), 400);
    }
  }

  @Test
  void atMostPollQueueEventsAreAnsweredAndTheQueueLengthTellsTheRest() {
    Visitor visitor = pollerIn(BURST);
    String first = "timeout=0&poll-queue=4&last-event-id=" + sessionOf(visitor) + "-1";
    visitor.post(send(BURST, "{\"action\":\"burst\",\"count\":10}"));

    JsonObject body =
        Awaitility.await()
            .until(() -> visitor.poll(first).json(), it -> it.getInt("queue_length") == 6);

    assertThat(numbers(body)).containsExactly(1, 2, 3, 4);
    assertThat(numbers(visitor.poll("poll-queue=4").json())).containsExactly(5, 6, 7, 8);
    JsonObject rest = visitor.poll("poll-queue=4").json();
    assertThat(numbers(rest)).containsExactly(9, 10);
    assertThat(rest.getInt("queue_length")).isZero();
  }

  private static String sessionOf(Visitor visitor) {
    return visitor.poll("timeout=0").json().getString("session_id");
  }

  @Test
  void nothingIsLostBetweenPolls() {
    Visitor visitor = pollerIn(BURST);
    List<Integer> all = new ArrayList<>();

    visitor.post(send(BURST, "{\"action\":\"burst\",\"count\":2500,\"size\":800}"));
    while (all.size() < 2500) {
      JsonObject body = visitor.poll("timeout=5").json();
      assertThat(body.getInt("dropped")).isZero();
      assertThat(body.getJsonArray("messages")).isNotEmpty().hasSizeLessThanOrEqualTo(32);
      all.addAll(numbers(body));
    }

    assertThat(all).isEqualTo(IntStream.rangeClosed(1, 2500).boxed().toList());
  }

  @Test
  void anAnswerThatWasLostIsAskedForAgain() {
    Visitor visitor = pollerIn(ECHO);
    visitor.post(echo(ECHO, "precious"));
    JsonObject lost = visitor.poll("").json();
    assertThat(types(lost)).containsExactly("received");
    String cursor = "last-event-id=" + lost.getString("session_id") + "-1";

    JsonObject again = visitor.poll(cursor).json();

    assertThat(again.getJsonArray("messages")).isEqualTo(lost.getJsonArray("messages"));
    assertThat(visitor.poll("timeout=0").json().getJsonArray("messages")).isEmpty();
  }

  @Test
  void aNewPollAnswersAWaitingOneWithNoMessages() {
    Visitor visitor = pollerIn(ECHO);
    CompletableFuture<RawResponse> first = CompletableFuture.supplyAsync(() -> visitor.poll(""));
    Awaitility.await().during(Duration.ofMillis(500)).until(() -> !first.isDone());
    CompletableFuture<RawResponse> second = CompletableFuture.supplyAsync(() -> visitor.poll(""));

    assertThat(first.join().json().getJsonArray("messages")).isEmpty();
    visitor.post(echo(ECHO, "for the second"));
    assertThat(types(second.join().json())).containsExactly("received");
  }

  @Test
  void theChannelsAreTheConfirmedSubscriptions() {
    Visitor visitor = pollerIn(ECHO);
    JsonObject reply =
        visitor.post(subscribe(ECHO), subscribe(Commands.REJECT)).jsonArray().getJsonObject(0);

    JsonObject body = visitor.poll("").json();

    assertThat(types(body)).containsExactly("rejected");
    assertThat(body.getJsonArray("channels").toString())
        .isEqualTo("[\"" + reply.getString("chan_id") + "\"]");
  }

  @Test
  void aPostWithAPollQueueOpensTheSession() {
    Visitor visitor = bridge.visitor();

    RawResponse answer =
        visitor
            .request("POST", "poll-queue=10")
            .body("[" + subscribe(ECHO) + "," + echo(ECHO, "hi") + "]")
            .send();

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    List<String> types = new ArrayList<>();
    while (!types.contains("received")) {
      types.addAll(types(visitor.poll("").json()));
    }
    assertThat(types).endsWith("connected", "received");
  }

  @Test
  void aPollIsRefusedAsAStreamIs() {
    OpeningIT.assertError(bridge.visitor().withQuery("unauthorized=1").poll(""), 403);
    OpeningIT.assertError(bridge.visitor().withOrigin("http://evil.example").poll(""), 502);
  }

  @Test
  void aStreamGoesOnWhereThePollsEnded() {
    Visitor visitor = pollerIn(ECHO);
    visitor.post(echo(ECHO, "polled"));
    assertThat(types(visitor.poll("").json())).containsExactly("received");
    visitor.post(echo(ECHO, "streamed"));

    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
          .isEqualTo("streamed");
    }
  }

  /** Opens a session by polling, and polls until the subscription is confirmed. */
  private Visitor pollerIn(String identifier) {
    Visitor visitor = bridge.visitor();
    assertThat(types(visitor.poll("").json())).containsExactly("joined");
    visitor.post(subscribe(identifier));
    assertThat(types(visitor.poll("").json())).containsExactly("connected");
    return visitor;
  }

  private static List<String> types(JsonObject body) {
    return body.getJsonArray("messages").getValuesAs(JsonObject.class).stream()
        .map(event -> event.getString("type"))
        .toList();
  }

  private static List<Integer> numbers(JsonObject body) {
    return body.getJsonArray("messages").getValuesAs(JsonObject.class).stream()
        .map(event -> event.getJsonObject("message").getInt("n"))
        .toList();
  }
}
