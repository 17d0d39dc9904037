package cablestream.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.websocket.api.exceptions.UpgradeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The demonstration server on a real socket, compared with the observed behavior of Rails. */
class DemoServerIT {
  private static final String TICK = "{\"channel\":\"TickChannel\"}";
  private static final String ECHO = "{\"channel\":\"EchoChannel\"}";
  private static final String SLOW = "{\"channel\":\"SlowChannel\"}";

  private static DemoContainer container;

  @BeforeAll
  static void start() throws Exception {
    container = new DemoContainer();
  }

  @AfterAll
  static void stopAndLeaveNoThread() throws Exception {
    container.stop();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("cablestream-demo");
  }

  @Test
  void aClientIsWelcomedAndPingedEveryThreeSeconds() throws Exception {
    try (DemoClient client = container.connect("")) {
      assertThat(client.frame()).isEqualTo("{\"type\":\"welcome\"}");
      long first = unixSeconds(client.pings().poll(4));
      long second = unixSeconds(client.pings().poll(4));
      assertThat(second - first).isBetween(2L, 4L);
    }
  }

  private static long unixSeconds(String ping) {
    assertThat(ping).matches("\\{\"type\":\"ping\",\"message\":\\d{10}}");
    return Long.parseLong(ping.replaceAll("\\D", ""));
  }

  @Test
  void theFirstSubprotocolOfTheClientIsChosen() throws Exception {
    try (DemoClient client = container.connect("")) {
      assertThat(client.subprotocol()).isEqualTo("actioncable-v1-json");
    }
  }

  @Test
  void anUnauthorizedClientIsToldSoInsteadOfAWelcomeAndClosed() throws Exception {
    try (DemoClient client = container.connect("?unauthorized=1")) {
      assertThat(client.frame())
          .isEqualTo("{\"type\":\"disconnect\",\"reason\":\"unauthorized\",\"reconnect\":false}");
      assertThat(client.closeCode()).isEqualTo(1000);
    }
  }

  @Test
  void aForeignOrMissingOriginFailsTheUpgradeWith404() {
    for (String origin : new String[] {"https://elsewhere.example", "null", null}) {
      Throwable refusal = catchThrowable(() -> container.connect("", origin));
      assertThat(refusal).hasCauseInstanceOf(UpgradeException.class);
      assertThat(((UpgradeException) refusal.getCause()).getResponseStatusCode()).isEqualTo(404);
    }
  }

  @Test
  void ticksFollowTheConfirmationAndStopWhenUnsubscribed() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", TICK);
      assertThat(client.frame()).isEqualTo(confirmation("TickChannel"));
      assertThat(client.frame()).contains("\"message\":{\"tick\":1,");
      assertThat(client.frame()).contains("\"message\":{\"tick\":2,");
      client.send("unsubscribe", TICK);
      client.answersNothingFor(Duration.ofMillis(1500));
    }
  }

  @Test
  void identifiersAreComparedAndRepeatedAsExactStrings() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", "{ \"channel\": \"EchoChannel\" }");
      assertThat(client.frame()).contains("\"{ \\\"channel\\\": \\\"EchoChannel\\\" }\"");
      client.perform(ECHO, "{\"action\":\"echo\"}");
      client.answersNothingFor(Duration.ofMillis(300));
    }
  }

  @Test
  void aSecondSubscribeWithTheSameStringIsNotAnswered() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", ECHO);
      client.send("subscribe", ECHO);
      assertThat(client.frame()).isEqualTo(confirmation("EchoChannel"));
      client.answersNothingFor(Duration.ofMillis(300));
    }
  }

  @Test
  void whatIsUnknownOrMalformedIsNotAnswered() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", "{\"channel\":\"NoSuchChannel\"}");
      client.send("subscribe", "not JSON");
      client.send("shout", ECHO);
      client.sendRaw("not JSON");
      client.sendRaw("[]");
      client.sendRaw("{}");
      client.send("unsubscribe", ECHO);
      client.send("subscribe", ECHO);
      client.perform(ECHO, "{\"action\":\"no_such_action\"}");
      client.perform(ECHO, "{}");
      assertThat(client.frame()).isEqualTo(confirmation("EchoChannel"));
      client.answersNothingFor(Duration.ofMillis(300));
    }
  }

  @Test
  void anEchoMayBeAnyJson() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", ECHO);
      client.frame();
      for (String value : List.of("\"a string\"", "12345678901234567890", "[1,[]]", "null")) {
        client.perform(ECHO, "{\"action\":\"value\",\"value\":" + value + "}");
        assertThat(client.frame()).endsWith("\"message\":" + value + "}");
      }
      client.perform(ECHO, "{\"action\":\"echo\",\"n\":1.50}");
      assertThat(client.frame()).endsWith("\"message\":{\"action\":\"echo\",\"n\":1.50}}");
    }
  }

  @Test
  void charactersOfHtmlAreEscapedAsRailsDoes() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", ECHO);
      client.frame();
      client.perform(ECHO, "{\"action\":\"value\",\"value\":\"<a>&\u2028\"}");
      assertThat(client.frame()).endsWith("\"message\":\"\\u003ca\\u003e\\u0026\\u2028\"}");
    }
  }

  @Test
  void fourMegabytesComeBack() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", ECHO);
      client.frame();
      String value = "\"" + "é".repeat(2 << 20) + "\"";
      client.perform(ECHO, "{\"action\":\"value\",\"value\":" + value + "}");
      assertThat(client.frame()).endsWith(value + "}");
    }
  }

  @Test
  void whatOneSpeaksAllInTheRoomHearAndNobodyElse() throws Exception {
    String lobby = "{\"channel\":\"ChatChannel\",\"room\":\"lobby\"}";
    String attic = "{\"channel\":\"ChatChannel\",\"room\":\"attic\"}";
    try (DemoClient ada = welcomed("?user=Ada");
        DemoClient bob = welcomed("?user=Bob");
        DemoClient eve = welcomed("?user=Eve")) {
      subscribe(ada, lobby);
      subscribe(bob, lobby);
      subscribe(eve, attic);
      ada.perform(lobby, "{\"action\":\"speak\",\"text\":\"hi\"}");
      assertThat(ada.frame()).contains("\"user\":\"Ada\",\"text\":\"hi\",\"time\":\"2");
      assertThat(bob.frame()).contains("\"user\":\"Ada\"");
      eve.answersNothingFor(Duration.ofMillis(300));
    }
  }

  private static void subscribe(DemoClient client, String identifier) {
    client.send("subscribe", identifier);
    assertThat(client.frame()).contains("confirm_subscription");
  }

  @Test
  void aBurstArrivesWholeAndInOrder() throws Exception {
    String burst = "{\"channel\":\"BurstChannel\"}";
    try (DemoClient client = welcomed("")) {
      subscribe(client, burst);
      client.perform(burst, "{\"action\":\"burst\",\"count\":100000}");
      for (int n = 1; n <= 100_000; n++) {
        assertThat(client.frame()).endsWith("{\"n\":" + n + ",\"of\":100000}}");
      }
    }
  }

  @Test
  void aRejectedSubscriptionIsToldEachTimeItIsAskedFor() throws Exception {
    String reject = "{\"channel\":\"RejectChannel\"}";
    try (DemoClient client = welcomed("")) {
      for (int i = 0; i < 2; i++) {
        client.send("subscribe", reject);
        assertThat(client.frame())
            .isEqualTo(
                "{\"identifier\":\"{\\\"channel\\\":\\\"RejectChannel\\\"}\","
                    + "\"type\":\"reject_subscription\"}");
      }
    }
  }

  @Test
  void aSlowChannelLosesWhatOvertakesItsConfirmation() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", SLOW);
      client.perform(SLOW, "{\"action\":\"echo\",\"n\":1}");
      client.answersNothingFor(DemoChannels.SLOW_CONFIRMATION.minusSeconds(1));
      assertThat(client.frame()).isEqualTo(confirmation("SlowChannel"));
      client.perform(SLOW, "{\"action\":\"echo\",\"n\":2}");
      assertThat(client.frame()).endsWith("\"message\":{\"action\":\"echo\",\"n\":2}}");
    }
  }

  @Test
  void aSlowChannelThatIsLeftBeforeItsConfirmationIsNotConfirmed() throws Exception {
    try (DemoClient client = welcomed("")) {
      client.send("subscribe", SLOW);
      client.send("unsubscribe", SLOW);
      client.answersNothingFor(DemoChannels.SLOW_CONFIRMATION.plusMillis(300));
    }
  }

  @Test
  void headersAreToldBeforeTheConfirmationAndWithoutSecrets() throws Exception {
    try (DemoClient client = welcomed("?token=hush")) {
      client.send("subscribe", "{\"channel\":\"HeadersChannel\"}");
      assertThat(client.frame())
          .contains("\"Origin\":\"" + container.origin() + "\"")
          .contains("\"cookies\":[\"session\",\"theme\"]")
          .contains("\"Authorization\":\"Bearer …\"")
          .contains("\"query\":[\"token\"]")
          .doesNotContain("hush");
      assertThat(client.frame()).isEqualTo(confirmation("HeadersChannel"));
    }
  }

  @Test
  void theServerDisconnectsAndSaysWhetherToComeBack() throws Exception {
    String identifier = "{\"channel\":\"ConnectionChannel\"}";
    for (boolean reconnect : new boolean[] {true, false}) {
      try (DemoClient client = welcomed("")) {
        subscribe(client, identifier);
        client.perform(identifier, "{\"action\":\"disconnect\",\"reconnect\":" + reconnect + "}");
        assertThat(client.frame())
            .isEqualTo(
                "{\"type\":\"disconnect\",\"reason\":\"remote\",\"reconnect\":" + reconnect + "}");
        assertThat(client.closeCode()).isEqualTo(1000);
      }
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsNobodyElse() throws Exception {
    String burst = "{\"channel\":\"BurstChannel\"}";
    try (DemoClient deaf = welcomed("");
        DemoClient other = welcomed("")) {
      subscribe(deaf, burst);
      deaf.stopReading();
      deaf.perform(burst, "{\"action\":\"burst\",\"count\":100000}");
      subscribe(other, ECHO);
      other.perform(ECHO, "{\"action\":\"echo\"}");
      assertThat(other.frame()).contains("\"message\"");
      await().untilAsserted(() -> assertThat(other.pings().isEmpty()).isFalse());
    }
  }

  private static DemoClient welcomed(String query) throws Exception {
    DemoClient client = container.connect(query);
    assertThat(client.frame()).isEqualTo("{\"type\":\"welcome\"}");
    return client;
  }

  private static String confirmation(String channel) {
    return "{\"identifier\":\"{\\\"channel\\\":\\\""
        + channel
        + "\\\"}\",\"type\":\"confirm_subscription\"}";
  }
}
