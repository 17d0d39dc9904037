package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.REJECT;
import static cablestream.support.wire.Commands.slow;
import static cablestream.support.wire.Commands.subscribe;
import static cablestream.support.wire.Commands.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.Commands;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** protocol.md, sections 2 and 3: subscriptions and their identifiers. */
@InTomcatAndJetty
class SubscribingIT {
  private final Bridge bridge;

  SubscribingIT(Container container) {
    bridge = Stage.bridge(container);
  }

  @Test
  void aConfirmedSubscriptionIsConnected() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      String session = stream.next("joined").json().getString("session_id");

      JsonObject reply = visitor.post(subscribe(ECHO)).jsonArray().getJsonObject(0);
      StreamedEvent connected = stream.next("connected");

      JsonObject data = connected.json();
      assertThat(connected.name()).isEqualTo("message");
      assertThat(connected.id()).isEqualTo(session + "-1").isEqualTo(data.getString("msg_id"));
      assertThat(data.getString("session_id")).isEqualTo(session);
      assertThat(data.getString("chan_id")).isEqualTo(reply.getString("chan_id"));
      assertThat(reply.getString("session_id")).isEqualTo(session);
      assertThat(data.get("identifier").toString()).isEqualTo(ECHO);
      assertThat(data.getString("time")).endsWith("Z");
      assertThat(Instant.parse(data.getString("time")))
          .isCloseTo(Instant.now(), within(30, ChronoUnit.SECONDS));
    }
  }

  @Test
  void aChannelIdIsTheStartOfTheHashOfTheCanonicalIdentifier() throws Exception {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      String spelling =
          "{ \"room\" : {\"b\":1.50, \"a\":[true,\"\\u00e9/\"]}, \"channel\":\"EchoChannel\"}";

      JsonObject reply = visitor.post(subscribe(spelling)).jsonArray().getJsonObject(0);

      assertThat(reply.getString("chan_id"))
          .isEqualTo(
              hash("{\"channel\":\"EchoChannel\",\"room\":{\"a\":[true,\"é/\"],\"b\":1.50}}"));
      assertThat(stream.skipTo("connected").json().getString("chan_id"))
          .isEqualTo(reply.getString("chan_id"));
    }
  }

  private static String hash(String canonical) throws NoSuchAlgorithmException {
    byte[] all =
        MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(all, 0, 16);
  }

  @Test
  void anIdentifierComesBackWithItsOrderAndItsDigits() {
    String identifier =
        "{\"zebra\":12345678901234567890.10,\"channel\":\"EchoChannel\",\"apple\":1E2,\"html\":\"<b>&\u2028\"}";
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");

      visitor.post(subscribe(identifier));
      assertThat(stream.next("connected").data()).contains("\"identifier\":" + identifier);

      visitor.post(Commands.echo(identifier, "hi"));
      assertThat(stream.next("received").data()).contains("\"identifier\":" + identifier);
    }
  }

  @Test
  void twoSpellingsOfAnIdentifierAreOneSubscriptionAndTheFirstIsUsed() {
    String first = "{\"room\":1,\"channel\":\"EchoChannel\"}";
    String second = "{\"channel\" : \"Echo\\u0043hannel\", \"room\" : 1}";
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(first)) {
      RawResponse again = visitor.post(subscribe(second), Commands.echo(second, "hi"));

      assertThat(again.jsonArray().getJsonObject(0).containsKey("error")).isFalse();
      StreamedEvent received = stream.next("received");
      assertThat(received.data()).contains("\"identifier\":" + first);
      assertThat(received.json().getString("chan_id"))
          .isEqualTo(again.jsonArray().getJsonObject(0).getString("chan_id"));
      assertThat(Stage.rails().connections(visitor.user()).get(0).getJsonArray("subscriptions"))
          .hasSize(1)
          .allSatisfy(it -> assertThat(it.toString()).contains("room").contains(":1,"));
    }
  }

  @Test
  void anIdentifierWithADuplicateKeyIsRefused() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");

      RawResponse answer =
          visitor.post(subscribe("{\"channel\":\"EchoChannel\",\"channel\":\"RawChannel\"}"));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.jsonArray().getJsonObject(0).getString("error")).contains("same name");
      stream.expectSilence(Duration.ofMillis(500));
    }
  }

  @Test
  void aRejectedSubscriptionIsRejected() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");

      JsonObject reply = visitor.post(subscribe(REJECT)).jsonArray().getJsonObject(0);
      JsonObject rejected = stream.next("rejected").json();

      assertThat(rejected.getString("chan_id")).isEqualTo(reply.getString("chan_id"));
      assertThat(rejected.get("identifier").toString()).isEqualTo(REJECT);
      assertThat(rejected.containsKey("time")).isTrue();
    }
  }

  @Test
  void subscribingTwiceGivesTheSameIdAndOneSubscription() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      JsonObject again = visitor.post(subscribe(ECHO)).jsonArray().getJsonObject(0);

      assertThat(again.containsKey("error")).isFalse();
      assertThat(Stage.rails().connections(visitor.user()).get(0).getJsonArray("subscriptions"))
          .hasSize(1);
      visitor.post(Commands.echo(ECHO, "once"));
      assertThat(stream.skipTo("received").json().getString("chan_id"))
          .isEqualTo(again.getString("chan_id"));
      stream.expectSilence(Duration.ofMillis(500));
    }
  }

  @Test
  void aChannelThatNobodyKnowsIsUnconfirmedAfterTenSeconds() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      visitor.post(subscribe("{\"channel\":\"NoSuchChannel\"}"));

      stream.expectSilence(Duration.ofSeconds(8));
      JsonObject disconnected = stream.next("disconnected").json();

      assertThat(disconnected.getJsonObject("message").getString("reason"))
          .isEqualTo("unconfirmed");
      assertThat(disconnected.getJsonObject("identifier").getString("channel"))
          .isEqualTo("NoSuchChannel");
    }
  }

  @Test
  void aSlowConfirmationIsWaitedForAndTheRepeatsLeaveOneSubscription() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      visitor.post(subscribe(slow(2)));

      stream.next("connected");

      stream.expectSilence(Duration.ofMillis(500));
      assertThat(Stage.rails().connections(visitor.user()).get(0).getJsonArray("subscriptions"))
          .hasSize(1);
    }
  }

  @Test
  void anUnsubscribeEndsTheSubscriptionAtTheServer() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      JsonObject reply = visitor.post(unsubscribe(ECHO)).jsonArray().getJsonObject(0);

      assertThat(reply.containsKey("error")).isFalse();
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(
                          Stage.rails()
                              .connections(visitor.user())
                              .get(0)
                              .getJsonArray("subscriptions"))
                      .isEmpty());
      assertThat(
              visitor
                  .post(Commands.echo(ECHO, "late"))
                  .jsonArray()
                  .getJsonObject(0)
                  .getString("error"))
          .isNotBlank();
      stream.expectSilence(Duration.ofMillis(300));
    }
  }

  @Test
  void anUnsubscribeWaitsForAPendingSubscription() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");

      RawResponse answer = visitor.post(subscribe(slow(1)), unsubscribe(slow(1)));

      assertThat(answer.jsonArray())
          .allSatisfy(it -> assertThat(it.asJsonObject().containsKey("error")).isFalse());
      stream.next("connected");
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(
                          Stage.rails()
                              .connections(visitor.user())
                              .get(0)
                              .getJsonArray("subscriptions"))
                      .isEmpty());
    }
  }

  @Test
  void unsubscribingWhatIsNotSubscribedIsAnError() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");

      JsonObject reply = visitor.post(unsubscribe(ECHO)).jsonArray().getJsonObject(0);

      assertThat(reply.getString("error")).isNotBlank();
      assertThat(reply.containsKey("chan_id")).isTrue();
    }
  }
}
