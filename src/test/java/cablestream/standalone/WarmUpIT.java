package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.InProcessActionCable;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A new process works for itself until browsers come, and nobody can see that it did. */
class WarmUpIT {
  private static final String ID = "/3f9aa2a4-6a36-4a6c-8c6b-2a3f5d0c9b11";
  private static final Pattern WARMED_UP =
      Pattern.compile("event=warmed_up sessions=(\\d+) millis=(\\d+)");

  /** The state of a socket that listens (proc_pid_net(5)). */
  private static final String LISTENS = "0A";

  private final InProcessActionCable rails = InProcessActionCable.start();

  @AfterEach
  void stopRails() {
    rails.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/cable-events", "/"})
  void itUsesRealSessionsAndLeavesNothingOfThem(String path) {
    try (StandaloneBridge bridge = start(Map.of("warm-up", "3s", "http.path", path))) {
      Listening listening = bridge.awaitListening();
      assertThat(listeningSockets(bridge)).isGreaterThan(1);
      assertThat(threads(bridge)).anyMatch(name -> name.startsWith("warm-up"));

      Matcher said = bridge.process().await(0, WARMED_UP, PATIENCE);

      assertThat(Integer.parseInt(said.group(1))).isPositive();
      assertThat(Integer.parseInt(said.group(2))).isGreaterThanOrEqualTo(3_000);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(threads(bridge)).noneMatch(name -> name.startsWith("warm-up"));
                assertThat(listeningSockets(bridge)).isEqualTo(1);
              });
      assertThat(bridge.process().log()).doesNotContain("WARN", "SEVERE");
      assertThat(rails.connections()).isEmpty();
      assertThat(metrics(listening))
          .contains(
              "cablestream_sessions_opened_total 0.0",
              "cablestream_commands_total{kind=\"subscribe\",outcome=\"done\"} 0.0",
              "cablestream_events_logged_total 0.0",
              "cablestream_sessions 0.0");
    }
  }

  /** What it takes would be that browser's. */
  @Test
  void theFirstBrowserEndsIt() {
    try (StandaloneBridge bridge = start(Map.of("warm-up", "1m"))) {
      Listening listening = bridge.awaitListening();
      assertThat(ready(listening).json().getString("status")).isEqualTo("ready");

      try (EventStream stream =
          listening.request("GET", ID).header("Accept", "text/event-stream").listen()) {
        stream.skipTo("joined");

        Matcher said = bridge.process().await(0, WARMED_UP, PATIENCE);
        assertThat(Integer.parseInt(said.group(2))).isLessThan(30_000);
        assertThat(rails.connections()).hasSize(1);
      }
    }
  }

  /** A balancer sends browsers to the others meanwhile; to a lone one they had better come. */
  @Test
  void oneOfSeveralIsReadyWhenItIsOver() {
    try (StandaloneBridge bridge = start(Map.of("warm-up", "3s", "drain.notice", "1s"))) {
      Listening listening = bridge.awaitListening();
      RawResponse early = ready(listening);
      assertThat(early.status()).isEqualTo(503);
      assertThat(early.json().getString("status")).isEqualTo("warming_up");

      bridge.process().await(0, WARMED_UP, PATIENCE);

      await().atMost(PATIENCE).until(() -> ready(listening).status() == 200);
    }
  }

  @Test
  void aStopEndsIt() {
    try (StandaloneBridge bridge = start(Map.of("warm-up", "1m"))) {
      bridge.awaitListening();
      bridge.process().terminate();

      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(143);
      assertThat(bridge.process().log())
          .doesNotContain("WARN", "SEVERE")
          .contains("event=drained sessions=0");
    }
  }

  private StandaloneBridge start(Map<String, String> settings) {
    Map<String, String> all = new TreeMap<>(settings);
    all.put("cable.url", rails.url().toString());
    all.put("http.port", "0");
    all.put("operator.token", Bridge.OPERATOR_TOKEN);
    return StandaloneBridge.start(all);
  }

  private static RawResponse ready(Listening listening) {
    return listening.request("GET", "/-/ready").send();
  }

  private static String metrics(Listening listening) {
    return listening
        .request("GET", "/-/metrics")
        .header("Authorization", "Bearer " + Bridge.OPERATOR_TOKEN)
        .send()
        .text();
  }

  private static List<String> threads(StandaloneBridge bridge) {
    try (Stream<Path> tasks = Files.list(proc(bridge).resolve("task"))) {
      return tasks.map(task -> read(task.resolve("comm")).strip()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long listeningSockets(StandaloneBridge bridge) {
    Set<String> inodes =
        Stream.of("net/tcp", "net/tcp6")
            .flatMap(file -> read(proc(bridge).resolve(file)).lines())
            .map(line -> line.strip().split("\\s+"))
            .filter(fields -> fields.length > 9 && fields[3].equals(LISTENS))
            .map(fields -> "socket:[" + fields[9] + "]")
            .collect(Collectors.toSet());
    try (Stream<Path> descriptors = Files.list(proc(bridge).resolve("fd"))) {
      return descriptors.filter(fd -> inodes.contains(target(fd))).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path proc(StandaloneBridge bridge) {
    return Path.of("/proc", Long.toString(bridge.process().pid()));
  }

  /** Empty where it has gone since it was listed. */
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
