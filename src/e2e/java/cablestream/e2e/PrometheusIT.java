package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.echo;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Prometheus' own tool reads the metrics of a WAR with a session, and the shipped rules. */
class PrometheusIT {
  private static final Path DEPLOY = Path.of("src/deploy/prometheus");

  @TempDir private Path scratch;

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT11", "JETTY_EE10"})
  void promtoolFindsNothingToSayAboutTheMetrics(Container container) throws Exception {
    try (Bridge bridge = Stage.bridgeWithSettings(container).start()) {
      Visitor visitor = bridge.visitor();
      try (EventStream stream = visitor.listenTo(ECHO)) {
        visitor.post(echo(ECHO, "x"));
        stream.next("received");

        String metrics = bridge.operate("GET", "/-/metrics").send().text();

        assertThat(metrics).contains("cablestream_events_written_total{transport=\"stream\"}");
        assertThat(promtool(metrics, "check", "metrics")).isEmpty();
      }
    }
  }

  @Test
  void theAlertRulesAreValidAndFireWhenTheyShould() throws Exception {
    String rules = Files.readString(DEPLOY.resolve("alerts.yml"));
    List<String> alerts = found("- alert: (\\w+)", rules);

    assertThat(promtool("", "check", "rules", "alerts.yml"))
        .contains(alerts.size() + " rules found");
    assertThat(promtool("", "test", "rules", "alerts-test.yml")).contains("SUCCESS");
    assertThat(found("alertname=\"(\\w+)\"", Files.readString(DEPLOY.resolve("alerts-test.yml"))))
        .as("what the tests provoke")
        .containsAll(alerts);
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(hit -> hit.group(1)).toList();
  }

  /** Its output; fails if it finds a fault. */
  private String promtool(String input, String... arguments) throws Exception {
    Path in = Files.writeString(scratch.resolve("in"), input);
    Path out = scratch.resolve("out");
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process = start(command, in, out);
    int status = process.waitFor();
    String said = Files.readString(out, StandardCharsets.UTF_8);
    assertThat(status).as(said).isZero();
    return said;
  }

  private static Process start(List<String> command, Path in, Path out) throws IOException {
    return new ProcessBuilder(command)
        .directory(DEPLOY.toFile())
        .redirectInput(in.toFile())
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start();
  }
}
