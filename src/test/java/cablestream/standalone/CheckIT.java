package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import cablestream.support.InProcessActionCable;
import cablestream.support.PrivateCertificate;
import cablestream.support.containers.StandaloneBridge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code java -jar cablestream.war --check} and {@code --health}. */
class CheckIT {
  @TempDir private Path directory;

  private final InProcessActionCable rails = InProcessActionCable.start();

  /** A command's exit status and output. */
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
        .contains("ok: the Action Cable server accepts the connection", "Origin: http://127.0.0.1:")
        .doesNotContain("secret");
  }

  @Test
  void theOriginCanBeGiven() throws IOException {
    rails.refusesWith(404);

    Said said = check(Map.of("cable.url", rails.url().toString()), "https://app.example");

    assertThat(said.status).isEqualTo(1);
    assertThat(said.text)
        .contains("failed: the Action Cable server answered the WebSocket upgrade with HTTP 404")
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
  void anHttpAddressIsTakenForTheWebSocketsThere() throws IOException {
    String url = rails.url().toString().replace("ws:", "http:");

    Said said = check(Map.of("cable.url", url));

    assertThat(said.status).isZero();
    assertThat(said.text).contains("tried: ws://127.0.0.1:", "made from cable.url");
  }

  @Test
  void anInvalidOriginIsReportedAsTheArgument() throws IOException {
    Said said = check(Map.of("cable.url", rails.url().toString()), "app.example");

    assertThat(said.status).isEqualTo(78);
    assertThat(said.text).contains("the argument of --check is invalid; allowed: an origin");
  }

  @Test
  void theOriginOfTheSettingsIsUsedAndNamed() throws IOException {
    String url = rails.url().toString();

    assertThat(check(Map.of("cable.url", url, "cable.origin", "https://a.example")).text)
        .contains("origin: https://a.example (cable.origin)");
    assertThat(check(Map.of("cable.url", url, "allowed-origins", "https://b.example")).text)
        .contains("origin: https://b.example (the first of allowed-origins)");
  }

  @Test
  void aServerWithoutTlsIsCalledSo() throws IOException {
    Said said = check(Map.of("cable.url", rails.url().toString().replace("ws:", "wss:")));

    assertThat(said.status).isEqualTo(1);
    assertThat(said.text)
        .contains("it doesn't speak TLS. Look at the port in cable.url, or write ws");
  }

  @Test
  void eachFaultOfACertificateHasItsOwnAnswer() throws Exception {
    PrivateCertificate good = PrivateCertificate.in(newDirectory("good"));
    PrivateCertificate expired = PrivateCertificate.expired(newDirectory("expired"));
    PrivateCertificate foreign = PrivateCertificate.ofAnotherName(newDirectory("foreign"));

    assertThat(check(good.server(), List.of()))
        .contains("the authority that signed its certificate isn't trusted", "trustStore");
    assertThat(check(foreign.server(), trusting(foreign)))
        .contains("its certificate is for another name", "in place of 127.0.0.1");
    assertThat(check(expired.server(), trusting(expired)))
        .contains("its certificate has expired", "look at the clock");
    assertThat(check(good.demandingServer(), trusting(good)))
        .contains("it demands a client certificate", "-Djavax.net.ssl.keyStore before -jar");
    List<String> both = new ArrayList<>(trusting(good));
    both.add("-Djavax.net.ssl.keyStore=" + good.clientStore());
    assertThat(check(good.demandingServer(), both))
        .contains("names a key store that can't be read");
    both.add("-Djavax.net.ssl.keyStorePassword=" + PrivateCertificate.PASSWORD);
    assertThat(check(good.demandingServer(), both)).contains("ok: the Action Cable server");
  }

  private Path newDirectory(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name));
  }

  private static List<String> trusting(PrivateCertificate certificate) {
    return List.of(
        "-Djavax.net.ssl.trustStore=" + certificate.trustStore(),
        "-Djavax.net.ssl.trustStorePassword=" + PrivateCertificate.PASSWORD);
  }

  /** The output for a server with this certificate. */
  private static String check(SslContextFactory.Server tls, List<String> options)
      throws IOException {
    try (InProcessActionCable server = InProcessActionCable.start(tls)) {
      Map<String, String> settings = Map.of("cable.url", server.url().toString());
      Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", String.join(" ", options));
      return run(settings, environment, "--check").text;
    }
  }

  @Test
  void theStoreIsTriedToo() throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("cable.url", rails.url().toString());
    settings.put("cluster.store", "redis://:hush@127.0.0.1:" + FreePort.find());
    settings.put("cluster.secret", "s".repeat(32));

    Said said = check(settings);

    assertThat(said.status).isEqualTo(1);
    assertThat(said.text)
        .contains("ok: the Action Cable server accepts the connection")
        .contains("failed: the store can't be used (cluster.store): connection refused")
        .doesNotContain("hush");
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
    settings.put("warm-up", "0s"); // otherwise it would occupy both processors
    try (StandaloneBridge bridge = StandaloneBridge.start(settings)) {
      int port = bridge.awaitListening().port();
      settings.put("http.port", String.valueOf(port));
      Said healthy = run(settings, "--health");
      assertThat(healthy.status).isZero();
      assertThat(healthy.text).matches("healthy: http://\\S+:%d\\S*/-/health\\n?".formatted(port));

      bridge.process().terminate();
      bridge.process().awaitExit(PATIENCE);

      Said said = run(settings, "--health");
      assertThat(said.status).isEqualTo(1);
      assertThat(said.text).contains("not healthy: http://", "Connection refused");
    }
  }

  @Test
  void whatIsNoBridgeIsNotHealthy() throws IOException {
    Map<String, String> settings = Map.of("http.port", String.valueOf(rails.url().getPort()));

    assertThat(run(settings, "--health").status).isEqualTo(1);
    assertThat(run(Map.of("http.port", "http"), "--health").text).contains("http.port is invalid");
  }

  /** As the bridge ignores it. */
  @Test
  void theVariableThatKubernetesMakesOfAServicesNameIsNoPortForHealthEither() throws IOException {
    Map<String, String> environment = Map.of("CABLESTREAM_HTTP_PORT", "tcp://10.0.0.1:80");

    assertThat(run(Map.of(), environment, "--health").text)
        .contains("http://127.0.0.1:8080/cable-events/-/health");
  }

  private static Said check(Map<String, String> settings, String... arguments) throws IOException {
    String[] all = new String[arguments.length + 1];
    all[0] = "--check";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return run(settings, all);
  }

  private static Said run(Map<String, String> settings, String... arguments) throws IOException {
    return run(settings, Map.of(), arguments);
  }

  private static Said run(
      Map<String, String> settings, Map<String, String> environment, String... arguments)
      throws IOException {
    try (StandaloneBridge command =
        StandaloneBridge.start(settings, environment, List.of(arguments))) {
      int status = command.process().awaitExit(PATIENCE);
      assertThat(command.temporaryFiles()).isEmpty();
      return new Said(status, command.process().log());
    }
  }
}
