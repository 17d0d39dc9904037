package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.InProcessActionCable;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code java -jar cablestream.war --demo}. */
class DemoIT {
  private static final String ID = "/3f9aa2a4-6a36-4a6c-8c6b-2a3f5d0c9b11";
  private static final String CONTROL = "/-/demo/control";

  @ParameterizedTest
  @ValueSource(strings = {"/cable-events", "/"})
  void itHasAServerOfItsOwnWhoseMessagesComeThroughTheBridge(String path) throws Exception {
    try (StandaloneBridge demo =
        StandaloneBridge.start(
            Map.of("http.port", "0", "http.path", path), Map.of(), List.of("--demo"))) {
      Listening listening = demo.awaitListening();
      try (EventStream stream = listen(listening)) {
        post(listening, "[{\"identifier\":{\"channel\":\"TicksChannel\"},\"subscribe\":true}]");
        assertThat(stream.skipTo("received").data()).contains("\"tick\":");
      }
      assertThat(listening.request("GET", "/").send().text()).contains("Cablestream console");
      assertThat(listening.request("GET", "/-/console/presets.json").send().text())
          .contains("ChatChannel");
      assertThat(listening.request("GET", "/-/demo").send().text()).contains("Pull the plug");
      assertThat(demo.process().log()).contains("event=listening host=127.0.0.1");

      demo.process().terminate();
      assertThat(demo.process().awaitExit(PATIENCE)).isEqualTo(143);
      assertThat(demo.temporaryFiles()).isEmpty();
    }
  }

  /** The limit for the diagnosis page's WebSocket isn't for the bridge's own. */
  @Test
  void itsServerReadsAnyNumberOfCommands() {
    String channel = "[{\"identifier\":{\"channel\":\"EchoChannel\"},";
    try (StandaloneBridge demo =
        StandaloneBridge.start(Map.of("http.port", "0"), Map.of(), List.of("--demo"))) {
      Listening listening = demo.awaitListening();
      try (EventStream stream = listen(listening)) {
        post(listening, channel + "\"subscribe\":true}]");
        for (int i = 0; i < 4; i++) {
          String value = "x".repeat(40 * 1024);
          post(
              listening, channel + "\"send\":{\"action\":\"value\",\"value\":\"" + value + "\"}}]");
          assertThat(stream.skipTo("received").data()).contains("xxx");
        }
      }
    }
  }

  private static EventStream listen(Listening listening) {
    return listening
        .request("GET", ID)
        .header("Accept", "text/event-stream")
        .header("Origin", "http://127.0.0.1:" + listening.port())
        .listen();
  }

  private static void post(Listening listening, String commands) {
    RawRequest request = listening.request("POST", ID);
    request.header("Origin", "http://127.0.0.1:" + listening.port()).body(commands).send();
  }

  @Test
  void itsNetworkIsCutByItsOwnPagesOnly() {
    try (StandaloneBridge demo =
        StandaloneBridge.start(Map.of("http.port", "0"), Map.of(), List.of("--demo"))) {
      Listening listening = demo.awaitListening();
      RawResponse foreign =
          listening
              .request("POST", CONTROL + "?cut")
              .header("Origin", "https://elsewhere.example")
              .send();
      assertThat(foreign.status()).isEqualTo(403);
      assertThat(control(listening).json().getInt("cut")).isZero();

      RawResponse own =
          listening
              .request("POST", CONTROL + "?cut")
              .header("Origin", "http://127.0.0.1:" + listening.port())
              .send();

      assertThat(own.status()).isEqualTo(200);
      assertThat(own.header("Connection")).contains("close");
      assertThat(control(listening).json().getInt("cut")).isBetween(1, 10_000);
    }
  }

  private static RawResponse control(Listening listening) {
    return listening.request("GET", CONTROL).send();
  }

  @Test
  void anotherServerCannotBeSetBesideIt() {
    Map<String, String> settings = Map.of("cable.url", "ws://127.0.0.1:9/cable", "http.port", "0");
    try (StandaloneBridge demo = StandaloneBridge.start(settings, Map.of(), List.of("--demo"))) {
      assertThat(demo.process().awaitExit(PATIENCE)).isEqualTo(78);
      assertThat(demo.process().log()).contains("cablestream.cable.url must not be set");
    }
  }

  @Test
  void aBridgeThatIsNoDemonstrationHasNoneOfIt() {
    try (InProcessActionCable rails = InProcessActionCable.start();
        StandaloneBridge bridge =
            StandaloneBridge.start(
                Map.of("cable.url", rails.url().toString(), "http.port", "0"),
                Map.of("JDK_JAVA_OPTIONS", "-Xlog:class+load"),
                List.of())) {
      Listening listening = bridge.awaitListening();

      for (String target :
          List.of("/-/demo", "/-/demo/demo.js", CONTROL, "/-/demo/cable", "/-/demo.html")) {
        assertThat(listening.request("GET", target).send().status()).as(target).isEqualTo(404);
        assertThat(listening.request("POST", target).send().status()).as(target).isNotEqualTo(200);
      }
      assertThat(listening.request("GET", "/-/console/presets.json").send().text())
          .doesNotContain("ChatChannel");
      RawResponse root = RawRequest.of("GET", listening.port(), "/").send();
      assertThat(root.status()).isEqualTo(302);
      assertThat(root.header("Location")).contains("/cable-events/");
      assertThat(bridge.process().log())
          .contains("cablestream.Bootstrap ")
          .doesNotContain("cablestream.standalone.demo.DemoServer", "standalone.demo.Hop ");
    }
  }
}
