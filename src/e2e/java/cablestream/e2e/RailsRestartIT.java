package cablestream.e2e;

import static java.util.Collections.min;
import static java.util.Comparator.naturalOrder;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import cablestream.support.containers.Nginx;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rails is down, and the proxy in front of it returns 404. Once it is back, no session waits. */
class RailsRestartIT {
  private static final int PAGES = 30;

  /** With a longer outage, a page's own backoff would be 6 to 15 s. */
  private static final Duration AWAY = Duration.ofSeconds(12);

  private static final Duration SOON = Duration.ofSeconds(2);

  /** What compiles beside the test may delay all pages in one of them; a backoff does in each. */
  private static final int ATTEMPTS = 3;

  /** By its own port and that of Rails. */
  private static final String PROXY =
      """
      server {
        listen 127.0.0.1:%d;
        location / {
          proxy_pass http://127.0.0.1:%d;
          proxy_http_version 1.1;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection upgrade;
          proxy_set_header Host $http_host;
          error_page 502 = @away;
        }
        location @away {
          return 404;
        }
      }
      """;

  private final List<AutoCloseable> started = new ArrayList<>();

  @Test
  void allAreBackWithinTwoSeconds() throws Exception {
    int railsPort = FreePort.find();
    RailsServer rails = RailsServer.start(railsPort, Map.of());
    started.add(rails);
    assertThat(Nginx.isThere()).as("apt-get install nginx").isTrue();
    Nginx proxy = Nginx.serving(own -> PROXY.formatted(own, railsPort));
    started.add(proxy);
    String cable = "ws://127.0.0.1:" + proxy.port() + "/cable";
    int port = FreePort.find();
    StandaloneBridge bridge =
        StandaloneBridge.start(Map.of("cable.url", cable, "http.port", "" + port));
    started.add(bridge);
    bridge.awaitListening();
    Site site = new Site(port, "/cable-events");
    List<BrowserPage> pages = new ArrayList<>();
    for (int i = 0; i < PAGES; i++) {
      BrowserPage page = BrowserPage.open(Visitor.of(site), "restart");
      pages.add(page);
      started.add(page);
    }
    Crowd.await(pages, page -> page.session() != null);

    List<Duration> slowest = new ArrayList<>();
    do {
      rails.close();
      Thread.sleep(AWAY.toMillis());
      rails = RailsServer.start(railsPort, Map.of());
      started.add(rails);
      long ready = System.nanoTime();
      Crowd.await(pages, page -> page.isConnectedSince(ready));
      slowest.add(
          pages.stream().map(page -> page.backAfter(ready)).max(naturalOrder()).orElseThrow());
    } while (slowest.size() < ATTEMPTS && min(slowest).compareTo(SOON) > 0);
    System.out.println("Rails restarted: the last of " + PAGES + " pages is back after " + slowest);
    assertThat(min(slowest)).isLessThan(SOON);
    assertThat(pages).extracting(BrowserPage::losses).as("streams lost").containsOnly(0);
  }

  @AfterEach
  void close() throws Exception {
    for (int i = started.size() - 1; i >= 0; i--) {
      started.get(i).close();
    }
  }
}
