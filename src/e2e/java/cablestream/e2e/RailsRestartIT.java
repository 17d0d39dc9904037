package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import cablestream.support.containers.ChildProcess;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rails is down, and the proxy in front of it returns 404. Once it is back, no session waits. */
class RailsRestartIT {
  private static final int PAGES = 30;

  /** With a longer outage, a page's own backoff would be 6 to 15 s. */
  private static final Duration AWAY = Duration.ofSeconds(12);

  private static final Duration SOON = Duration.ofSeconds(2);

  private static final String NGINX =
      """
      daemon off;
      user root;
      pid nginx.pid;
      error_log stderr notice;
      events {}
      http {
        access_log off;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
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
      }
      """;

  private final List<AutoCloseable> started = new ArrayList<>();

  @Test
  void allAreBackWithinTwoSeconds() throws Exception {
    int railsPort = FreePort.find();
    RailsServer rails = RailsServer.start(railsPort, Map.of());
    started.add(rails);
    String cable = "ws://127.0.0.1:" + nginx(railsPort) + "/cable";
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

    rails.close();
    Awaitility.await().atMost(AWAY.multipliedBy(2)).pollDelay(AWAY).until(() -> true);
    started.add(RailsServer.start(railsPort, Map.of()));
    long ready = System.nanoTime();
    Crowd.await(pages, page -> page.isConnectedSince(ready));
    assertThat(pages)
        .extracting(page -> page.backAfter(ready))
        .allMatch(it -> it.compareTo(SOON) < 0);
    assertThat(pages).extracting(BrowserPage::losses).as("streams lost").containsOnly(0);
  }

  /** Returns the port of an nginx in front of Rails. */
  private int nginx(int rails) throws IOException {
    Path program = Path.of("/usr/sbin/nginx");
    assertThat(program).as("apt-get install nginx").isExecutable();
    Path directory = ChildProcess.newDirectory("nginx");
    int port = FreePort.find();
    Files.writeString(directory.resolve("main"), NGINX.formatted(port, rails));
    ChildProcess process =
        ChildProcess.start(
            directory,
            Map.of(),
            List.of(program.toString(), "-p", directory + "/", "-c", "main", "-e", "stderr"));
    started.add(process);
    process.awaitListening(port);
    return port;
  }

  @AfterEach
  void close() throws Exception {
    for (int i = started.size() - 1; i >= 0; i--) {
      started.get(i).close();
    }
  }
}
