package cablestream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.support.NoFaults;
import cablestream.support.RecordedLog;
import cablestream.support.webapp.WebApplication;
import cablestream.support.webapp.WebApplication.Container;
import cablestream.support.wire.RawResponse;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The web application starts with its web.xml, logs that, and stops without a trace. */
class BootstrapTest {
  @AutoClose private final RecordedLog log = RecordedLog.of(Bootstrap.class);

  @ParameterizedTest
  @EnumSource
  void itSaysWhatRunsAndWhereWithoutSecrets(Container container) throws Exception {
    String url = "ws://127.0.0.1:9/cable?token=hush";
    try (WebApplication application = container.deploy(parameter("cable.url", url))) {
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(1))
          .matches(
              "event=started version=development node=[\\w-]{16}"
                  + Pattern.quote(
                      " cable=ws://127.0.0.1:9/cable?***"
                          + " sessions=/bridge/(events-id) console=/bridge/ status=off"));
      assertThat(log.lines().get(0)).startsWith("event=sizing sessions=").doesNotContain("hush");
      assertThat(application.ask("GET /-/health").status()).isEqualTo(200);
    }
    assertThat(log.lines()).endsWith("event=stopped");
  }

  @ParameterizedTest
  @EnumSource
  void itIsReadyAndServesTheConsole(Container container) throws Exception {
    try (WebApplication application = container.deploy(cable())) {
      assertThat(application.ask("GET /-/ready").text())
          .matches("\\{\"status\":\"ready\",\"cable\":\"unknown\",\"node\":\"[\\w-]{16}\"}");
      RawResponse console = application.ask("GET /");
      assertThat(console.status()).isEqualTo(200);
      assertThat(console.header("Content-Type").orElseThrow()).startsWith("text/html");
      assertThat(console.header("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(console.header("Content-Security-Policy").orElseThrow())
          .startsWith("default-src 'none'; script-src 'self'")
          .doesNotContain("unsafe")
          .contains("frame-ancestors 'none'");
      RawResponse script = application.ask("GET /-/console.js");
      assertThat(script.header("Content-Type").orElseThrow()).startsWith("text/javascript");
      assertThat(script.header("Cache-Control")).hasValue("no-cache");
    }
  }

  @ParameterizedTest
  @EnumSource
  void undeployingLeavesNoThread(Container container) throws Exception {
    container.deploy(cable()).close();

    awaitNoThread();
  }

  /** Jetty calls contextDestroyed only if contextInitialized has returned. */
  @ParameterizedTest
  @EnumSource
  @NoFaults.Expected
  void aDeploymentThatFailsLateLeavesNoThread(Container container) {
    assertThatThrownBy(
        () ->
            container.deploy(
                parameters(
                    Map.of(
                        "cable.url", "ws://127.0.0.1:9/cable",
                        "cluster.store", "redis://127.0.0.1:9",
                        "cluster.secret", "0123456789abcdef0123456789abcdef"))));

    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith("event=bad_configuration cablestream.cluster.address must be set");
    awaitNoThread();
  }

  private static void awaitNoThread() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("cablestream")));
  }

  @ParameterizedTest
  @EnumSource
  @NoFaults.Expected
  void aBadSettingStopsTheDeploymentWithOneLineEach(Container container) {
    assertThatThrownBy(() -> container.deploy(parameter("linger", "30")));

    assertThat(log.lines())
        .containsExactly(
            "event=bad_configuration cablestream.cable.url must be set, as a system property, as the"
                + " environment variable CABLESTREAM_CABLE_URL or as a context parameter; allowed: one"
                + " URL with ws:, wss:, http: or https:, without user and fragment",
            "event=bad_configuration cablestream.linger is invalid: \"30\" (context parameter"
                + " cablestream.linger); allowed: a whole number with ms, s, m or h (like 500ms"
                + " or 30s), from 0s to 1h");
  }

  private static Map<String, String> cable() {
    return parameter("cable.url", "ws://127.0.0.1:9/cable");
  }

  private static Map<String, String> parameter(String name, String value) {
    return parameters(Map.of(name, value));
  }

  private static Map<String, String> parameters(Map<String, String> values) {
    StringBuilder parameters = new StringBuilder();
    values.forEach(
        (name, value) ->
            parameters
                .append("<context-param><param-name>cablestream.")
                .append(name)
                .append("</param-name><param-value>")
                .append(value)
                .append("</param-value></context-param>"));
    return Map.of("<listener>", parameters + "<listener>");
  }
}
