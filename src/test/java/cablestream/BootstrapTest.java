package cablestream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.support.NoFaults;
import cablestream.support.webapp.Answer;
import cablestream.support.webapp.WebApplication;
import cablestream.support.webapp.WebApplication.Container;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The web application as web.xml describes it comes up, says so, and goes without a trace. */
class BootstrapTest {
  private final Logger logger = Logger.getLogger(Bootstrap.class.getName());
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          log.add(new SimpleFormatter().formatMessage(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
  }

  @ParameterizedTest
  @EnumSource
  void itSaysWhatRunsAndWhereWithoutSecrets(Container container) throws Exception {
    String url = "ws://127.0.0.1:9/cable?token=hush";
    try (WebApplication application = container.deploy(parameter("cable.url", url))) {
      assertThat(log)
          .hasSize(2)
          .endsWith(
              "event=started version=development cable=ws://127.0.0.1:9/cable?***"
                  + " sessions=/bridge/(events-id) console=/bridge/ status=off");
      assertThat(log.get(0)).startsWith("event=sizing sessions=").doesNotContain("hush");
      assertThat(Answer.to(application, "GET /-/health").status()).isEqualTo(200);
    }
    assertThat(log).endsWith("event=stopped");
  }

  @ParameterizedTest
  @EnumSource
  void itIsReadyAndServesTheConsole(Container container) throws Exception {
    try (WebApplication application = container.deploy(cable())) {
      assertThat(Answer.to(application, "GET /-/ready").body())
          .isEqualTo("{\"status\":\"ready\",\"cable\":\"unknown\"}");
      Answer console = Answer.to(application, "GET /");
      assertThat(console.status()).isEqualTo(200);
      assertThat(console.header("Content-Type")).startsWith("text/html");
      assertThat(console.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(console.header("Content-Security-Policy"))
          .startsWith("default-src 'none'; script-src 'self'")
          .doesNotContain("unsafe")
          .contains("frame-ancestors 'none'");
      Answer script = Answer.to(application, "GET /-/console.js");
      assertThat(script.header("Content-Type")).startsWith("text/javascript");
      assertThat(script.header("Cache-Control")).isEqualTo("no-cache");
    }
  }

  @ParameterizedTest
  @EnumSource
  void undeployingLeavesNoThread(Container container) throws Exception {
    container.deploy(cable()).close();

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

    assertThat(log)
        .containsExactly(
            "event=bad_configuration cablestream.cable.url must be set, as a system property, as the"
                + " environment variable CABLESTREAM_CABLE_URL or as a context parameter; allowed: one"
                + " URL with ws:, wss:, http: or https:, without user and fragment",
            "event=bad_configuration cablestream.linger can't be \"30\", as the context parameter"
                + " cablestream.linger has it; allowed: a whole number with ms, s, m or h (like 500ms"
                + " or 30s), from 0s to 1h");
  }

  private static Map<String, String> cable() {
    return parameter("cable.url", "ws://127.0.0.1:9/cable");
  }

  private static Map<String, String> parameter(String name, String value) {
    return Map.of(
        "<listener>",
        "<context-param><param-name>cablestream."
            + name
            + "</param-name><param-value>"
            + value
            + "</param-value></context-param><listener>");
  }
}
