package cablestream.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cablestream.support.Firewall;
import cablestream.support.InProcessActionCable;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.EventStream;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client whose network vanishes: packets are dropped in both directions. The kernel alone would
 * give up after a quarter of an hour, and Rails would keep the caller's cable until then.
 */
class VanishedNetworkIT {
  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final Duration PATIENCE = LINGER.plusSeconds(60);
  private static final String IDENTIFIER = "{\"channel\":\"ChatChannel\"}";

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theCableIsClosedWithinLingerAndAMinute(boolean busy) {
    assumeTrue(Firewall.isThere(), "needs iptables, and the right to use it");
    String address = busy ? "127.77.0.1" : "127.77.0.2";
    try (InProcessActionCable rails = InProcessActionCable.start();
        StandaloneBridge bridge = start(rails);
        EventStream stream = subscribe(bridge.awaitListening(), address)) {
      try (Firewall drops = Firewall.around(address)) {
        long vanished = System.nanoTime();
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(500))
            .until(
                () -> {
                  if (busy) {
                    rails.broadcast(IDENTIFIER, "1");
                  }
                  return rails.openConnections() == 0;
                });
        System.out.printf(
            "vanished%s: the cable was closed after %d s%n",
            busy ? " amid events" : "", (System.nanoTime() - vanished) / 1_000_000_000);
        assertThat(drops).isNotNull();
        assertThat(stream.comments()).hasSizeLessThan(3);
      }
    }
  }

  /** A slow client, or a short outage, must not be taken for a vanished one. */
  @Test
  void aNetworkThatIsBackAfterAFewSecondsLosesNoStream() {
    assumeTrue(Firewall.isThere(), "needs iptables, and the right to use it");
    try (InProcessActionCable rails = InProcessActionCable.start();
        StandaloneBridge bridge = start(rails);
        EventStream stream = subscribe(bridge.awaitListening(), "127.77.0.3")) {
      try (Firewall drops = Firewall.around("127.77.0.3")) {
        assertThat(drops).isNotNull();
        stream.expectSilence(Duration.ofSeconds(4));
      }
      int before = stream.comments().size();
      stream.expectSilence(Duration.ofSeconds(16));
      assertThat(stream.comments()).hasSizeGreaterThan(before);
      assertThat(rails.openConnections()).isEqualTo(1);
    }
  }

  private static StandaloneBridge start(InProcessActionCable rails) {
    return StandaloneBridge.start(
        Map.of(
            "cable.url",
            rails.url().toString(),
            "http.port",
            "0",
            "linger",
            LINGER.toSeconds() + "s",
            "heartbeat",
            "5s"));
  }

  private static EventStream subscribe(Listening listening, String address) {
    String id = "/" + UUID.randomUUID();
    EventStream stream =
        listening.request("GET", id).header("Accept", "text/event-stream").from(address).listen();
    listening
        .request("POST", id)
        .body("[{\"identifier\":" + IDENTIFIER + ",\"subscribe\":true}]")
        .send();
    stream.skipTo("connected");
    return stream;
  }
}
