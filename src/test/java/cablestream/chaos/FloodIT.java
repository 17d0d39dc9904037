package cablestream.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Bridge.Memory;
import cablestream.support.containers.Container;
import cablestream.support.wire.RawRequest;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The memory of sessions that stop reading while their server floods them: a hundred streams that
 * are never read, with the default settings. Alone: {@code mvn verify -Dtest=none
 * -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=FloodIT
 * -Dflood.containers=TOMCAT11,JETTY_EE10}.
 */
class FloodIT {
  private static final int SESSIONS = Integer.getInteger("flood.sessions", 100);

  /** A history and a backlog of 512 KiB each, and an allowance for the rest. */
  private static final long MAX_KIB_PER_SESSION = 2 * 512 + 128;

  private final List<Ledger> accounts =
      IntStream.range(0, SESSIONS)
          .mapToObj(session -> Ledger.of(session, Transport.EVENT_SOURCE))
          .toList();

  private final List<Socket> sockets = new ArrayList<>();

  static Stream<Container> containers() {
    String names = System.getProperty("flood.containers", "JETTY_EE10");
    return Arrays.stream(names.split(",")).map(Container::valueOf);
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aHundredSessionsThatStopReadingAreBoundedAndLeaveNothing(Container container)
      throws IOException {
    Schedule course = new Schedule(1, 0, 0, 1, 1_000_000, 0, Duration.ZERO);
    Faults none = new Faults();
    none.calmDown();
    try (NumberingServer server = new NumberingServer(accounts, course, new Random(1), none);
        Bridge bridge =
            Bridge.in(container)
                .setting("cable.url", "ws://127.0.0.1:" + server.port() + "/cable")
                .start()) {
      Memory empty = bridge.memory();
      for (Ledger account : accounts) {
        sockets.add(stream(bridge, account).open());
        subscribe(bridge, account);
      }
      await().until(() -> accounts.stream().allMatch(it -> it.events().isBegun()));
      Memory before = bridge.memory();
      server.produce(true);
      long sent = standstill(server);
      Memory during = bridge.memory();
      server.produce(false);
      for (Ledger account : accounts) {
        request(bridge, "DELETE", account).send();
      }
      for (Socket socket : sockets) {
        socket.close();
      }
      await().atMost(Duration.ofSeconds(20)).until(() -> isBack(bridge, before));
      print(container, sent, List.of(empty, before, during, bridge.memory()));
      assertThat(during.heap() - before.heap()).isLessThan(SESSIONS * MAX_KIB_PER_SESSION);
    }
  }

  private static RawRequest request(Bridge bridge, String method, Ledger account) {
    return bridge
        .request(method, "/flooded-session-" + account.session())
        .header("Cookie", "session=" + account.session());
  }

  private static RawRequest stream(Bridge bridge, Ledger account) {
    return request(bridge, "GET", account)
        .header("Accept", "text/event-stream")
        .receiveBuffer(16 * 1024);
  }

  private static void subscribe(Bridge bridge, Ledger account) {
    await()
        .until(
            () ->
                request(bridge, "POST", account)
                        .body(Dialect.COMMANDS.subscribe(account.session()))
                        .send()
                        .status()
                    == 200);
  }

  /** Waits until the server can't write to any connection; returns the number of messages sent. */
  private static long standstill(NumberingServer server) {
    long[] before = {-1};
    await()
        .pollInterval(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              boolean same = server.sent() == before[0];
              before[0] = server.sent();
              return same;
            });
    return before[0];
  }

  private static boolean isBack(Bridge bridge, Memory before) {
    return bridge.memory().heap() < before.heap() + 2_048;
  }

  private static void print(Container container, long sent, List<Memory> memories) {
    String[] when = {
      "no session",
      SESSIONS + " sessions, subscribed",
      "flooded with " + sent + " messages, at a standstill",
      "all ended"
    };
    StringBuilder table =
        new StringBuilder(
            "| %s | heap | direct buffers | RSS |\n|---|--:|--:|--:|\n".formatted(container));
    for (int i = 0; i < when.length; i++) {
      Memory memory = memories.get(i);
      table.append(
          "| %s | %.1f MiB | %.1f MiB | %.1f MiB |\n"
              .formatted(
                  when[i],
                  memory.heap() / 1_024.0,
                  memory.direct() / 1_024.0,
                  memory.resident() / 1_024.0));
    }
    System.out.println(table);
  }
}
