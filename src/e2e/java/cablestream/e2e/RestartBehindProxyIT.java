package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The only bridge is stopped or killed, and restarted as its unit does, without a proxy and behind
 * each sample: for an EventSource, any status other than 200 is final. Prints how long pages
 * receive nothing.
 */
class RestartBehindProxyIT {
  private static final int PAGES = 60;

  /** After the bridge is back: EventSource's retry, and the time of dials and Rails. */
  private static final Duration SOON = Duration.ofSeconds(5);

  /** How the bridge ends. */
  enum End {
    STOPPED {
      @Override
      void come(StandaloneBridge bridge, UnitFile unit) {
        bridge.process().terminate();
        assertThat(bridge.process().awaitExit(StandaloneBridge.PATIENCE)).isEqualTo(143);
      }
    },

    KILLED {
      @Override
      void come(StandaloneBridge bridge, UnitFile unit) throws IOException {
        bridge.process().kill();
        Duration pause = Duration.ofSeconds(Long.parseLong(unit.value("RestartSec")));
        Awaitility.await().pollDelay(pause).until(() -> true);
      }
    };

    abstract void come(StandaloneBridge bridge, UnitFile unit) throws IOException;
  }

  static Stream<Arguments> restarts() {
    return Stream.of(End.values())
        .flatMap(
            end ->
                Stream.concat(Stream.of((ProxyProgram) null), Stream.of(ProxyProgram.values()))
                    .map(program -> Arguments.of(end, program)));
  }

  @ParameterizedTest
  @MethodSource("restarts")
  void nobodyIsStranded(End end, ProxyProgram program) throws IOException {
    int port = FreePort.find();
    UnitFile unit = new UnitFile("cablestream.service");
    StandaloneBridge bridge = start(port, unit);
    try (Proxy proxy = program == null ? null : Proxy.start(program, port, Stage.rails());
        Crowd crowd = new Crowd()) {
      Site site = new Site(port, "/cable-events");
      Supplier<Visitor> visitors = proxy == null ? () -> Visitor.of(site) : proxy::visitor;
      crowd.open(visitors, PAGES);
      crowd.start();
      crowd.awaitMessages(20);

      long asked = System.nanoTime();
      end.come(bridge, unit);
      bridge.close();
      bridge = start(port, unit);
      long ready = System.nanoTime();
      crowd.await(page -> page.isConnectedSince(asked));
      crowd.awaitMessages(20);
      crowd.finish();

      List<BrowserPage> pages = crowd.pages();
      List<BrowserPage> stranded = pages.stream().filter(BrowserPage::isStranded).toList();
      List<Duration> silences =
          pages.stream().map(page -> page.backAfter(page.lostAt())).sorted().toList();
      report(end, program, stranded.size(), Duration.ofNanos(ready - asked), silences);
      assertThat(stranded).as(() -> "failures: " + BrowserPage.failures(stranded)).isEmpty();
      assertThat(pages).allMatch(page -> page.numbers().missing() == 0);
      String logs = proxy == null ? "" : proxy.logs();
      assertThat(pages).extracting(BrowserPage::id).noneMatch(logs::contains);
      assertThat(silences.get(PAGES - 1)).isLessThan(Duration.ofNanos(ready - asked).plus(SOON));
    } finally {
      bridge.close();
    }
  }

  /** A row of docs/results/restarts-behind-proxies.csv. */
  private static void report(
      End end, ProxyProgram program, int stranded, Duration away, List<Duration> silences) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %d | %d | %.1f s | %.1f s | %.1f s |%n",
        end.name().toLowerCase(Locale.ROOT),
        program == null ? "no proxy" : program,
        PAGES,
        stranded,
        away.toMillis() / 1e3,
        silences.get(PAGES / 2).toMillis() / 1e3,
        silences.get(PAGES - 1).toMillis() / 1e3);
  }

  /** With the times that the unit sets, if it sets them. */
  private static StandaloneBridge start(int port, UnitFile unit) throws IOException {
    Map<String, String> environment = new HashMap<>(unit.environment());
    environment.put("CABLESTREAM_CABLE_URL", Stage.rails().cableUrl());
    environment.put("CABLESTREAM_HTTP_PORT", "" + port);
    StandaloneBridge bridge = StandaloneBridge.start(Map.of(), environment, List.of());
    bridge.awaitListening();
    return bridge;
  }
}
