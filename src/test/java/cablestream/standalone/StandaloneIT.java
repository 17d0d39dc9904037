package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.CableServerConnection;
import cablestream.support.InProcessActionCable;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code java -jar cablestream.war}. */
class StandaloneIT {
  private static final String ID = "/3f9aa2a4-6a36-4a6c-8c6b-2a3f5d0c9b11";
  private static final String ORIGIN = "http://app.example";
  private static final String IDENTIFIER = "{\"channel\":\"ChatChannel\"}";

  /** SIGTERM is 15, and the exit status of a process ended by it is 128 more. */
  private static final int TERMINATED = 143;

  private final InProcessActionCable rails = InProcessActionCable.start();

  @AfterEach
  void stopRails() {
    rails.close();
  }

  @Test
  void aSessionWorksAndSigtermSaysGoodbyeToItAndLeavesNothing() throws IOException {
    try (StandaloneBridge bridge = StandaloneBridge.start(settings())) {
      Listening listening = bridge.awaitListening();
      EventStream stream = listen(listening);
      CableServerConnection cable = subscribe(listening);
      stream.skipTo("connected");
      cable.broadcast(IDENTIFIER, "[1, 2.50]");
      assertThat(stream.next("received").data()).contains("\"message\":[1, 2.50]");

      bridge.process().terminate();

      stream.expectEnd();
      assertThat(Integer.parseInt(stream.retry())).isBetween(500, 1_500);
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(TERMINATED);
      assertThat(cable.awaitClose().code()).isEqualTo(1001);
      assertThat(bridge.process().log())
          .containsSubsequence("event=stopping", "event=drained sessions=1", "event=stopped");
      assertThat(bridge.temporaryFiles()).isEmpty();
    }
  }

  @Test
  void sigtermAfterADrainDoesNotDrainOnceMore() {
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("operator.token", Bridge.OPERATOR_TOKEN);
    settings.put("drain.notice", "1s");
    try (StandaloneBridge bridge = StandaloneBridge.start(settings)) {
      RawRequest drain =
          bridge
              .awaitListening()
              .request("POST", "/-/drain")
              .header("Authorization", "Bearer " + Bridge.OPERATOR_TOKEN);
      assertThat(drain.send().status()).isEqualTo(200);
      bridge.process().terminate();
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(TERMINATED);
      assertThat(bridge.process().log())
          .containsOnlyOnce("event=drained ")
          .containsSubsequence("event=drained ", "event=stopping", "event=stopped");
    }
  }

  /** A start takes two seconds of processor time; the limit allows for other tests beside it. */
  @Test
  void itListensSoonAndOnlyWhenItIsReady() {
    try (StandaloneBridge bridge = StandaloneBridge.start(settings())) {
      Listening listening = bridge.awaitListening();

      assertThat(listening.request("GET", "/-/ready").send().status()).isEqualTo(200);
      System.out.printf("java -jar: ready after %d ms%n", listening.after().toMillis());
      assertThat(listening.after()).isLessThan(Duration.ofSeconds(20));
      assertThat(listening.path()).isEqualTo("/cable-events");
      assertThat(bridge.process().log().lines()).hasSize(3);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-XX:-ExitOnOutOfMemoryError, true",
    "-XX:+CrashOnOutOfMemoryError, false",
    "-XX:OnOutOfMemoryError=echo, false",
  })
  void aStartWithoutTheOptionThatEndsItWhenItsHeapIsFullSaysWhatToAdd(
      String option, boolean warns) {
    List<String> command =
        List.of(
            StandaloneBridge.java(),
            "-Xmx64m",
            option,
            "-Djava.io.tmpdir=.",
            "-Dcablestream.cable.url=" + rails.url(),
            "-Dcablestream.http.port=0",
            "-Dcablestream.warm-up=0s",
            "-jar",
            Bridge.WAR.toAbsolutePath().toString());
    try (StandaloneBridge bridge = StandaloneBridge.run(Map.of(), command)) {
      bridge.awaitListening();

      assertThat(bridge.process().log().lines())
          .filteredOn(line -> line.contains("add " + StandaloneBridge.EXITS + " before -jar"))
          .hasSize(warns ? 1 : 0);
    }
  }

  @Test
  void theEnvironmentSetsItToo() {
    Map<String, String> environment =
        Map.of(
            "CABLESTREAM_CABLE_URL", rails.url().toString(),
            "CABLESTREAM_HTTP_PORT", "0",
            "CABLESTREAM_HTTP_HOST", "127.0.0.1",
            "CABLESTREAM_HTTP_PATH", "/");
    try (StandaloneBridge bridge = StandaloneBridge.start(Map.of(), environment, List.of())) {
      Listening listening = bridge.awaitListening();

      assertThat(listening.path()).isEqualTo("/");
      assertThat(listening.request("GET", "/").send().text()).contains("Cablestream");
    }
  }

  @Test
  void theDiagnosisPagesWebSocketIsThere() throws IOException {
    try (StandaloneBridge bridge = StandaloneBridge.start(settings())) {
      RawResponse answer =
          bridge
              .awaitListening()
              .request("GET", "/-/echo/cable")
              .upgrade("actioncable-v1-json")
              .send();

      assertThat(answer.status()).isEqualTo(101);
    }
  }

  @Test
  void whateverItRefusesItselfIsJsonAndTellsNoVersion() {
    try (StandaloneBridge bridge = StandaloneBridge.start(settings())) {
      Listening listening = bridge.awaitListening();

      for (RawResponse answer :
          List.of(
              RawRequest.of("GET", listening.port(), "/elsewhere").send(),
              RawRequest.of("GET", listening.port(), "/%zz").send(),
              listening.request("GET", ID).header("X-Long", "x".repeat(40_000)).send())) {
        assertThat(answer.status()).isBetween(400, 499);
        assertThat(answer.header("Content-Type")).contains("application/json");
        assertThat(answer.json().getString("error")).isNotEmpty();
        assertThat(answer.header("Server")).isEmpty();
      }
    }
  }

  /**
   * Requests that Jetty can't parse never reach the bridge, and Jetty would log them at full
   * length.
   */
  @Test
  void ofWhatAStrangerSendsNothingIsLogged() {
    String secret = "S3CRET" + "x".repeat(6_000);
    try (StandaloneBridge bridge = StandaloneBridge.start(settings())) {
      Listening listening = bridge.awaitListening();
      for (int i = 0; i < 20; i++) {
        for (List<String> headers :
            List.of(
                List.of("Host: a", "Host: " + secret),
                List.of("Host: " + secret, "Host: " + secret),
                List.of("Host: " + secret + ":port"),
                List.of("Host: <" + secret + ">"),
                List.of("Host: a", "Content-Length: " + secret))) {
          assertThat(listening.request("GET", ID).headers(headers).send().status()).isEqualTo(400);
        }
      }
      listening.request("GET", "/-/echo/cable?" + secret).upgrade("S3CRET").send();

      assertThat(bridge.process().log())
          .contains("org.eclipse.jetty.http.HttpParser event=library_message times=1")
          .doesNotContain("S3CRET");
      assertThat(bridge.process().log().lines())
          .hasSizeLessThan(10)
          .allMatch(line -> line.length() < 300);
    }
  }

  @Test
  void theSamplesLoggingConfigurationMakesEachLineJson() {
    Path sample = Path.of("src/deploy/systemd/logging-json.properties").toAbsolutePath();
    Map<String, String> environment =
        Map.of("JDK_JAVA_OPTIONS", "-Djava.util.logging.config.file=" + sample);
    try (StandaloneBridge bridge = StandaloneBridge.start(settings(), environment, List.of())) {
      bridge.process().await(0, Pattern.compile("event=listening"), PATIENCE);

      List<JsonObject> lines =
          bridge
              .process()
              .log()
              .lines()
              .filter(line -> !line.startsWith("NOTE: Picked up"))
              .map(line -> Json.createReader(new StringReader(line)).readObject())
              .toList();
      assertThat(lines)
          .hasSize(3)
          .allMatch(line -> line.getString("level").equals("INFO"))
          .allMatch(line -> line.getString("logger").startsWith("cablestream."))
          .allMatch(line -> line.getString("message").startsWith("event="));
    }
  }

  @Test
  void aPortThatIsTakenIsSaidInALine() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        StandaloneBridge bridge =
            StandaloneBridge.start(
                Map.of(
                    "cable.url", rails.url().toString(), "http.port", "" + other.getLocalPort()))) {
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(1);
      assertThat(bridge.process().log().lines())
          .singleElement()
          .asString()
          .contains("event=not_started", "port " + other.getLocalPort(), "Address already in use");
      assertThat(bridge.temporaryFiles()).isEmpty();
    }
  }

  @Test
  void allThatIsWrongWithTheSettingsIsSaidALineEach() throws IOException {
    try (StandaloneBridge bridge =
        StandaloneBridge.start(Map.of("http.port", "http", "lingr", "5s"))) {
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(78);
      assertThat(bridge.process().log().lines())
          .hasSize(3)
          .allMatch(line -> line.contains("event=bad_configuration"))
          .anyMatch(line -> line.contains("cablestream.cable.url must be set"))
          .anyMatch(line -> line.contains("cablestream.http.port is invalid: \"http\""))
          .anyMatch(line -> line.contains("the nearest is cablestream.linger"));
      assertThat(bridge.temporaryFiles()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "9090, unknown argument 9090",
    "--version 9090, unknown argument 9090",
    "--check --help, unknown argument --help",
    "-Dcablestream.operator.token=hush --check, -Dcablestream.operator.token=… belongs before -jar",
    "-Xmx64m, -Xmx64m belongs before -jar",
  })
  void anArgumentThatItDoesNotKnowIsNamed(String arguments, String said) {
    try (StandaloneBridge bridge =
        StandaloneBridge.start(settings(), Map.of(), List.of(arguments.split(" ")))) {
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(2);
      assertThat(bridge.process().log()).contains(said, "--help").doesNotContain("hush");
    }
  }

  @Test
  void helpAndVersionAreOnStandardOutput() throws Exception {
    assertThat(output("--help")).contains("-jar cablestream.war", "--check [ORIGIN]", "78");
    assertThat(output("--version")).matches("cablestream \\d+\\.\\d+\\.\\d+\\S*, Java \\d+\\S*\\n");
  }

  /** Its standard output; it must exit with 0. */
  private static String output(String argument) throws Exception {
    Process process =
        new ProcessBuilder(
                StandaloneBridge.java(), "-jar", Bridge.WAR.toAbsolutePath().toString(), argument)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return text;
  }

  @ParameterizedTest
  @EnumSource
  void aContainerNeitherLoadsItNorServesIt(Container container) throws IOException {
    try (Bridge bridge =
        Bridge.in(container)
            .setting("cable.url", rails.url().toString())
            .option("-Xlog:class+load:file=classes.log")
            .start()) {
      for (String target :
          List.of(
              "/cablestream/standalone/Main.class",
              "/-/../cablestream/standalone/Main.class",
              "/-/%2e%2e/cablestream/standalone/Main.class",
              "/-/x/..;/..;/cablestream/standalone/Main.class",
              "/WEB-INF/standalone/classes/cablestream/standalone/server/StandaloneServer.class",
              "/-/../WEB-INF/standalone/classes/")) {
        RawResponse answer = bridge.request("GET", target).send();
        assertThat(answer.status()).as(target).isBetween(400, 499);
      }
      Path classes = bridge.process().directory().resolve("classes.log");
      assertThat(Files.readString(classes))
          .contains("cablestream.Bootstrap")
          .doesNotContain("cablestream.standalone", "WEB-INF/standalone");
    }
  }

  private Map<String, String> settings() {
    return Map.of("cable.url", rails.url().toString(), "http.port", "0");
  }

  private static EventStream listen(Listening listening) {
    return listening
        .request("GET", ID)
        .header("Accept", "text/event-stream")
        .header("Origin", ORIGIN)
        .listen();
  }

  private CableServerConnection subscribe(Listening listening) {
    listening
        .request("POST", ID)
        .header("Origin", ORIGIN)
        .body("[{\"identifier\":" + IDENTIFIER + ",\"subscribe\":true}]")
        .send();
    return rails.awaitConnection();
  }
}
