package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import cablestream.support.InProcessActionCable;
import cablestream.support.containers.StandaloneBridge;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code java -jar cablestream.war --check} and {@code --health}. */
class CheckIT {
  private final InProcessActionCable rails = InProcessActionCable.start();

  /** What a command has exited with, and said. */
  private record Said(int status, String text) {}

  @AfterEach
  void stopRails() {
    rails.close();
  }

  @Test
  void aServerThatWelcomesUsPassesAndTheSettingsAreShownWithWhereTheyCameFrom() throws IOException {
    Said said = check(Map.of("cable.url", rails.url() + "?token=secret", "linger", "5s"));

    assertThat(said.status).isZero();
    assertThat(said.text)
        .contains("linger = 5s (system property cablestream.linger)")
        .contains("ok: the ActionCable server welcomes us", "Origin: http://127.0.0.1:")
        .doesNotContain("secret");
  }

  @Test
  void theOriginCanBeGiven() throws IOException {
    rails.refusesWith(404);

    Said said = check(Map.of("cable.url", rails.url().toString()), "https://app.example");

    assertThat(said.status).isEqualTo(1);
    assertThat(said.text)
        .contains("failed: the ActionCable server answered the WebSocket upgrade with HTTP 404")
        .contains("tried: ws://127.0.0.1:" + rails.url().getPort() + "/cable; Origin: https://app")
        .contains("Either the path of cable.url, /cable, is wrong", "allowed_request_origins")
        .doesNotContain("event=");
  }

  @Test
  void aRedirectToHttpsIsNotBlamedOnTheOrigin() throws IOException {
    rails.redirectsTo("https://app.example/cable");

    Said said = check(Map.of("cable.url", rails.url().toString()), "http://app.example");

    assertThat(said.status).isEqualTo(1);
    assertThat(said.text)
        .contains("HTTP 301, to https://app.example/cable", "X-Forwarded-Proto: http;")
        .contains("config.force_ssl")
        .doesNotContain("allowed_request_origins");
  }

  @Test
  void whatIsNoWebSocketIsNotBlamedOnTheOriginEither() throws IOException {
    rails.refusesWith(426);

    Said said = check(Map.of("cable.url", rails.url().toString()), "https://app.example");

    assertThat(said.status).isEqualTo(1);
    assertThat(said.text)
        .contains("HTTP 426. Check that Action Cable is mounted at the path of cable.url, /cable")
        .doesNotContain("allowed_request_origins");
  }

  @Test
  void aServerThatWantsALoginIsThere() throws IOException {
    rails.refusesWith(401);

    Said said = check(Map.of("cable.url", rails.url().toString()));

    assertThat(said.status).isZero();
    assertThat(said.text).contains("ok, if it asks for a login:");
  }

  @Test
  void aHostThatRailsDoesNotKnowFails() throws IOException {
    rails.refusesWith(403);

    Said said = check(Map.of("cable.url", rails.url().toString()), "https://app.example");

    assertThat(said.status).isEqualTo(1);
    assertThat(said.text).contains("failed:", "HTTP 403", "config.hosts lacks the host");
  }

  @Test
  void nobodyListeningFails() throws IOException {
    Said said = check(Map.of("cable.url", "ws://127.0.0.1:" + FreePort.find() + "/cable"));

    assertThat(said.status).isEqualTo(1);
    assertThat(said.text).contains("can't be reached: connection refused", "Look at cable.url");
  }

  @Test
  void aSettingThatCannotBeIsSaidAsItIsAtTheStart() throws IOException {
    Said said = check(Map.of("cable.url", "nowhere", "http.port", "http"));

    assertThat(said.status).isEqualTo(78);
    assertThat(said.text)
        .contains(
            "cablestream.cable.url is invalid: \"nowhere\"", "cablestream.http.port is invalid");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1,/cable-events", "0.0.0.0,/", "::,/a/b"})
  void healthIsThatOfTheBridgeThatRunsHere(String host, String path) throws IOException {
    Map<String, String> settings = new HashMap<>(Map.of("http.host", host, "http.path", path));
    settings.put("cable.url", rails.url().toString());
    settings.put("http.port", "0");
    try (StandaloneBridge bridge = StandaloneBridge.start(settings)) {
      settings.put("http.port", String.valueOf(bridge.awaitListening().port()));
      assertThat(run(settings, "--health")).isEqualTo(new Said(0, ""));

      bridge.process().terminate();
      bridge.process().awaitExit(PATIENCE);

      Said said = run(settings, "--health");
      assertThat(said.status).isEqualTo(1);
      assertThat(said.text).contains("not healthy: Connection refused");
    }
  }

  @Test
  void whatIsNoBridgeIsNotHealthy() throws IOException {
    Map<String, String> settings = Map.of("http.port", String.valueOf(rails.url().getPort()));

    assertThat(run(settings, "--health").status).isEqualTo(1);
    assertThat(run(Map.of("http.port", "http"), "--health").text).contains("http.port is no port");
  }

  private static Said check(Map<String, String> settings, String... arguments) throws IOException {
    String[] all = new String[arguments.length + 1];
    all[0] = "--check";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return run(settings, all);
  }

  private static Said run(Map<String, String> settings, String... arguments) throws IOException {
    try (StandaloneBridge command =
        StandaloneBridge.start(settings, Map.of(), List.of(arguments))) {
      int status = command.process().awaitExit(PATIENCE);
      assertThat(command.temporaryFiles()).isEmpty();
      return new Said(status, command.process().log());
    }
  }
}
