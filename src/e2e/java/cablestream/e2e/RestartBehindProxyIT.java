package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import cablestream.support.containers.StandaloneBridge;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The one bridge behind a proxy is stopped and started anew: meanwhile the proxy answers by itself,
 * which is final for an EventSource, so they are told to stay away for longer, as in
 * src/deploy/systemd.
 */
class RestartBehindProxyIT {
  private static final int PAGES = 30;

  @ParameterizedTest
  @EnumSource
  void nobodyIsStranded(ProxyProgram program) throws IOException {
    int port = FreePort.find();
    StandaloneBridge bridge = start(port);
    try (Proxy proxy = Proxy.start(program, port, Stage.rails());
        Crowd crowd = new Crowd()) {
      crowd.open(proxy, PAGES);
      crowd.start();
      crowd.awaitMessages(20);

      long asked = System.nanoTime();
      bridge.process().terminate();
      assertThat(bridge.process().awaitExit(StandaloneBridge.PATIENCE)).isEqualTo(143);
      bridge = start(port);
      crowd.await(page -> page.isConnectedSince(asked));
      crowd.awaitMessages(20);
      crowd.finish();

      List<BrowserPage> pages = crowd.pages();
      System.out.printf(
          "Restarted behind %s: %d pages, stranded %d, back after %d ms (max)%n",
          program,
          pages.size(),
          pages.stream().filter(BrowserPage::isStranded).count(),
          pages.stream()
              .mapToLong(page -> page.backAfter(page.lostAt()).toMillis())
              .max()
              .orElse(0));
      assertThat(pages).noneMatch(BrowserPage::isStranded);
      assertThat(pages).allMatch(page -> page.numbers().missing() == 0);
    } finally {
      bridge.close();
    }
  }

  private static StandaloneBridge start(int port) {
    Map<String, String> settings = new HashMap<>();
    settings.put("cable.url", Stage.rails().cableUrl());
    settings.put("http.port", "" + port);
    settings.put("drain.retry-min", "15s");
    settings.put("drain.retry-max", "20s");
    StandaloneBridge bridge = StandaloneBridge.start(settings);
    bridge.awaitListening();
    return bridge;
  }
}
