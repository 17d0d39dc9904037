package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cablestream.support.Firewall;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A browser's network vanishes behind HAProxy, whose sample sets how long it waits for an
 * acknowledgement. nginx and Apache have no such setting: docs/connections.md.
 */
class VanishedNetworkProxyIT {
  private static final Duration LINGER = Duration.ofSeconds(5);
  private static final String ADDRESS = "127.77.0.4";

  @Test
  void theSessionIsOverWithinLingerAndAMinute() throws Exception {
    assumeTrue(Firewall.isThere(), "needs iptables, and the right to use it");
    try (DebianTomcat site =
            DebianTomcat.start(
                Stage.rails().cableUrl(),
                "cable-events",
                Map.of("linger", LINGER.toSeconds() + "s", "heartbeat", "5s"));
        Proxy proxy = Proxy.start(ProxyProgram.HAPROXY, site.port(), Stage.rails())) {
      Visitor visitor = proxy.visitor().from(ADDRESS);
      try (EventStream stream = visitor.listenTo(ECHO);
          Firewall drops = Firewall.around(ADDRESS)) {
        long vanished = System.nanoTime();
        await()
            .atMost(LINGER.plusSeconds(60))
            .pollInterval(Duration.ofSeconds(1))
            .until(() -> visitor.from("127.77.0.5").post().status() == 404);
        System.out.printf(
            "vanished behind %s (%s, %s): the session was over after %d s%n",
            ProxyProgram.HAPROXY, stream, drops, (System.nanoTime() - vanished) / 1_000_000_000);
      }
    }
  }
}
