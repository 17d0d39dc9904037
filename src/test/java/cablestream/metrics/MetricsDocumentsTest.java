package cablestream.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.Cable;
import cablestream.cluster.Cluster;
import cablestream.cluster.ClusterSettings;
import cablestream.concurrent.Mailbox;
import cablestream.environment.Environment;
import cablestream.environment.Observer;
import cablestream.environment.Sizing;
import cablestream.memory.Account;
import cablestream.session.SessionManager;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dashboards, alerts and the guide name exactly the existing metrics. */
class MetricsDocumentsTest {
  private static final Pattern NAME = Pattern.compile("cablestream_[a-z_]+");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/deploy/prometheus/alerts.yml",
        "src/deploy/prometheus/alerts-test.yml",
        "src/deploy/grafana/cablestream.json",
        "docs/monitoring.md"
      })
  void everyMetricThatIsNamedIsThere(String file) throws IOException {
    assertThat(metrics()).containsAll(named(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"src/deploy/grafana/cablestream.json", "docs/monitoring.md"})
  void everyMetricIsShownAndExplained(String file) throws IOException {
    Set<String> ours = metrics();
    // The virtual machine's metrics belong to their exporter, which has its own documentation.
    ours.removeIf(name -> name.matches("(jvm|process)_.*"));
    assertThat(named(file)).containsAll(ours);
  }

  @Test
  void everyAlertIsExplained() throws IOException {
    Matcher alert =
        Pattern.compile("- alert: (\\w+)")
            .matcher(Files.readString(Path.of("src/deploy/prometheus/alerts.yml")));
    String guide = Files.readString(Path.of("docs/monitoring.md"));

    assertThat(alert.results().map(found -> "| `" + found.group(1) + "` |"))
        .isNotEmpty()
        .allSatisfy(row -> assertThat(guide).contains(row));
  }

  @Test
  void everyLogLineIsExplained() throws IOException {
    Pattern line = Pattern.compile("\"event=([a-z_]+)");
    Set<String> events = new TreeSet<>();
    try (var files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        Matcher matcher = line.matcher(Files.readString(file));
        while (matcher.find()) {
          events.add(matcher.group(1));
        }
      }
    }
    String guide = Files.readString(Path.of("docs/monitoring.md"));

    assertThat(events).isNotEmpty().allSatisfy(event -> assertThat(guide).contains("`" + event));
    assertThat(guide)
        .contains("`cable_lost")
        .contains("`frame_dropped")
        .contains("`listener_stalled")
        .contains("`session_refused")
        .contains("`log_budget_exceeded");
  }

  /** A server that has welcomed a connection. */
  private static final class Reachable implements Cable.Dialer {
    @Override
    public Cable cable(Cable.Owner owner, Mailbox mailbox, Cable.Reader reader) {
      throw new AssertionError("nobody dials");
    }

    @Override
    public boolean accepts() {
      return true;
    }

    @Override
    public Cable.Figures figures() {
      return new Cable.Figures(Cable.Health.UP, 1, 4, 0);
    }
  }

  private static Set<String> named(String file) throws IOException {
    Set<String> names = new TreeSet<>();
    Matcher matcher = NAME.matcher(Files.readString(Path.of(file)));
    while (matcher.find()) {
      names.add(matcher.group().replaceFirst("_(bucket|sum|count)$", ""));
    }
    return names;
  }

  private static Set<String> metrics() throws IOException {
    Exposition exposition = new Exposition();
    new Metrics(exposition);
    exposition.watchProcess(() -> 0, () -> 0);
    exposition.watch(new Sizing(1, 2, 3, 4));
    try (Cluster cluster =
        new Cluster(
            "node",
            new ClusterSettings(
                URI.create("redis://127.0.0.1:9"), "a".repeat(32), URI.create("http://a.invalid")),
            new FakeTimers(),
            Runnable::run,
            Account.ofHeap())) {
      exposition.watch(cluster, () -> 0, () -> 0, () -> 0);
    }
    exposition.watch(
        new SessionManager(
            new Environment(
                "node",
                Defaults.limits(),
                new Environment.Execution(
                    new FakeTimers(), InstantSource.system(), new ManualExecutor(), new Random(1)),
                new Reachable(),
                Observer.NONE,
                Account.ofHeap(),
                15 * 1_024)),
        1,
        Account.ofHeap(),
        "1");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    exposition.write(out);
    Set<String> names = new TreeSet<>();
    Matcher matcher =
        Pattern.compile("(?m)^# TYPE (\\S+)").matcher(out.toString(StandardCharsets.UTF_8));
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }
}
