package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.InProcessActionCable;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A new process warms up with sessions of its own until browsers connect, which leaves no trace.
 */
class WarmUpIT {
  private static final String ID = "/3f9aa2a4-6a36-4a6c-8c6b-2a3f5d0c9b11";
  private static final Pattern WARMED_UP =
      Pattern.compile("event=warmed_up sessions=(\\d+) millis=(\\d+)");

  /** The state of a listening socket (proc_pid_net(5)). */
  private static final String LISTENS = "0A";

  private final InProcessActionCable rails = InProcessActionCable.start();

  @AfterEach
  void stopRails() {
    rails.close();
  }

  /** In its first second on an idle machine, a process completes about twenty. */
  private static final int SOME = 8;

  /** Whichever browsers the operator admits, and whatever this machine's addresses are. */
  @ParameterizedTest
  @CsvSource({
    "http.path, /cable-events,",
    "http.path, /,",
    "allowed-origins, https://app.example,",
    "max-sessions-per-address, 1,",
    "linger, 0s,",
    "http.host, 127.0.0.1, -Djava.net.preferIPv6Addresses=true",
  })
  void itUsesRealSessionsAndLeavesNothingOfThem(String setting, String value, String option) {
    Map<String, String> environment =
        option == null ? Map.of() : Map.of("JAVA_TOOL_OPTIONS", option);
    try (StandaloneBridge bridge = start(Map.of("warm-up", "6s", setting, value), environment)) {
      Listening listening = bridge.awaitListening();
      assertThat(listeningSockets(bridge)).isGreaterThan(1);
      assertThat(threads(bridge)).anyMatch(name -> name.startsWith("warm-up"));
      String before = metrics(listening);

      Matcher said = bridge.process().await(0, WARMED_UP, PATIENCE);

      assertThat(Integer.parseInt(said.group(1))).isGreaterThan(SOME);
      assertThat(Integer.parseInt(said.group(2))).isGreaterThanOrEqualTo(6_000);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(threads(bridge)).noneMatch(name -> name.startsWith("warm-up"));
                assertThat(listeningSockets(bridge)).isEqualTo(1);
                assertThat(bridgesInTheHeap(bridge)).isEqualTo(1);
              });
      assertThat(bridge.process().log()).doesNotContain("WARN", "SEVERE");
      assertThat(rails.connections()).isEmpty();
      assertThat(counted(metrics(listening))).isEqualTo(counted(before));
    }
  }

  /** The warm-up would take processor time from that browser. */
  @Test
  void theFirstBrowserEndsIt() {
    try (StandaloneBridge bridge = start(Map.of("warm-up", "1m"), Map.of())) {
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

  /** Other users of this machine can reach the ports. */
  @Test
  void nobodyElseCanUseItsPorts() {
    try (StandaloneBridge bridge = start(Map.of("warm-up", "1m"), Map.of())) {
      Listening listening = bridge.awaitListening();
      List<Integer> ports = listeningPorts(bridge);
      assertThat(ports).hasSize(2);
      for (int port : ports) {
        if (port != listening.port()) {
          for (String path : List.of(listening.path() + ID, "/cable")) {
            assertThat(
                    RawRequest.of("GET", port, path)
                        .header("Accept", "text/event-stream")
                        .upgrade("actioncable-v1-json")
                        .send()
                        .status())
                .as("port %d, %s", port, path)
                .isEqualTo(404);
          }
        }
      }
      assertThat(rails.connections()).isEmpty();
    }
  }

  @Test
  void aStopEndsIt() {
    try (StandaloneBridge bridge = start(Map.of("warm-up", "1m"), Map.of())) {
      Listening listening = bridge.awaitListening();
      await().atMost(PATIENCE).until(() -> threads(bridge).contains("warm-up-browser"));
      assertThat(ready(listening).status()).isEqualTo(200);
      bridge.process().terminate();

      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(143);
      assertThat(bridge.process().log())
          .doesNotContain("WARN", "SEVERE")
          .contains("event=drained sessions=0");
    }
  }

  private StandaloneBridge start(Map<String, String> settings, Map<String, String> environment) {
    Map<String, String> all = new TreeMap<>(settings);
    all.put("cable.url", rails.url().toString());
    all.put("http.port", "0");
    all.put("operator.token", Bridge.OPERATOR_TOKEN);
    return StandaloneBridge.start(all, environment, List.of());
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

  private static int bridgesInTheHeap(StandaloneBridge bridge) throws IOException {
    String jcmd = Path.of(StandaloneBridge.java()).resolveSibling("jcmd").toString();
    String pid = String.valueOf(bridge.process().pid());
    Process histogram = new ProcessBuilder(jcmd, pid, "GC.class_histogram").start();
    try (BufferedReader lines = histogram.inputReader()) {
      return lines
          .lines()
          .map(line -> line.strip().split("\\s+"))
          .filter(fields -> fields[fields.length - 1].endsWith(".WebAppContext"))
          .mapToInt(fields -> Integer.parseInt(fields[1]))
          .sum();
    }
  }

  private static int listeningSockets(StandaloneBridge bridge) {
    return listeningPorts(bridge).size();
  }

  private static List<Integer> listeningPorts(StandaloneBridge bridge) {
    Map<String, Integer> ports =
        Stream.of("net/tcp", "net/tcp6")
            .flatMap(file -> read(proc(bridge).resolve(file)).lines())
            .map(line -> line.strip().split("\\s+"))
            .filter(fields -> fields.length > 9 && fields[3].equals(LISTENS))
            .collect(
                Collectors.toMap(
                    fields -> "socket:[" + fields[9] + "]",
                    fields -> Integer.parseInt(fields[1].replaceFirst(".*:", ""), 16),
                    (one, same) -> one));
    try (Stream<Path> descriptors = Files.list(proc(bridge).resolve("fd"))) {
      return descriptors.map(fd -> ports.get(target(fd))).filter(Objects::nonNull).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The counters of browsers, without those of the process. */
  private static List<String> counted(String metrics) {
    return metrics
        .lines()
        .filter(line -> line.matches("cablestream_\\w+_(total|count|sum)\\b.*"))
        .filter(line -> !line.contains("_build_info"))
        .toList();
  }

  private static Path proc(StandaloneBridge bridge) {
    return Path.of("/proc", Long.toString(bridge.process().pid()));
  }

  /** Empty if the file has disappeared since it was listed. */
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
