package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.wire.EventStream;
import cablestream.support.wire.Leavers;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.Map;
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

  private final Leavers leavers = new Leavers(STAY_MILLIS);

  @AfterEach
  void stop() {
    leavers.close();
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
        leavers.come(leaving.withNewId().stream(""), (long) i * EACH_MILLIS, false);
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> leavers.left() == CALLERS);
      try (EventStream stream = proxy.visitor().from(ADDRESS).listen()) {
        stream.next("joined");
      }
      assertThat(rails.dials("leaving")).isLessThan(CALLERS / 2);
    }
  }
}
