package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Browsers leave while their sessions wait for a Rails that welcomes ten a second. HAProxy resets
 * its connections to the bridge then.
 */
class HungUpProxyIT {
  private static final int CALLERS = 250;
  private static final int EACH_MILLIS = 20;

  /** Until a browser leaves: HAProxy has passed its request on. */
  private static final int STAY_MILLIS = 500;

  private static final String ADDRESS = "127.77.0.6";

  private final ScheduledExecutorService callers = Executors.newScheduledThreadPool(4);
  private final AtomicInteger hungUp = new AtomicInteger();

  @AfterEach
  void stop() {
    callers.shutdownNow();
  }

  @Test
  void theirDialsKeepNobodyWaiting() {
    try (RailsServer rails = RailsServer.start();
        DebianTomcat site =
            DebianTomcat.start(
                rails.cableUrl(), "cable-events", Map.of("max-sessions-per-address", "1000"));
        Proxy proxy = Proxy.start(ProxyProgram.HAPROXY, site.port(), rails)) {
      // Action Cable has four workers.
      Visitor leaving = proxy.visitor().withQuery("token=leaving&slow-connect=0.4").from(ADDRESS);
      for (int i = 0; i < CALLERS; i++) {
        callers.schedule(() -> hangUp(leaving), i * EACH_MILLIS, TimeUnit.MILLISECONDS);
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> hungUp.get() == CALLERS);
      try (EventStream stream = proxy.visitor().from(ADDRESS).listen()) {
        stream.next("joined");
      }
      assertThat(rails.dials("leaving")).isLessThan(CALLERS / 2);
    }
  }

  private void hangUp(Visitor visitor) {
    try {
      Socket socket = visitor.withNewId().stream("").open();
      callers.schedule(
          () -> {
            socket.close();
            return hungUp.incrementAndGet();
          },
          STAY_MILLIS,
          TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
