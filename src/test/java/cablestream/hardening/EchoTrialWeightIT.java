package cablestream.hardening;

import cablestream.support.wire.RawRequest;
import cablestream.support.wire.Site;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The account reserves for a visitor's WebSocket trial what it occupies on the heap, up to three
 * tenths more. Tested with {@code java -jar}, which always supports WebSockets.
 */
class EchoTrialWeightIT {
  private static final int TRIALS = 100;
  private static final int OF_AN_ADDRESS = 20;

  /** The first trials create classes, threads and pools. */
  private static final int FIRST = 20;

  @Test
  void anEchoTrial() throws IOException {
    Deque<Socket> open = new ArrayDeque<>();
    try (Besieged bridge = Place.JAVA_JAR.start(512, Map.of("operator.token", Watch.TOKEN));
        Watch watch = new Watch(bridge)) {
      add(open, FIRST, bridge.site());
      long chargedBefore = trials(watch);
      long before = WeightsIT.min(watch::heap);
      add(open, TRIALS, bridge.site());
      long taken = (WeightsIT.min(watch::heap) - before) / TRIALS;
      long charged = (trials(watch) - chargedBefore) / TRIALS;

      WeightsIT.assertFits(charged, taken);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private static long trials(Watch watch) {
    return watch.byKind("cablestream_account_bytes").get("trial");
  }

  private static void add(Deque<Socket> open, int many, Site site) throws IOException {
    for (int i = 0; i < many; i++) {
      Socket socket =
          RawRequest.of("GET", site.port(), site.path() + "/-/echo/cable")
              .from("127.0.1." + (1 + open.size() / OF_AN_ADDRESS))
              .header("Origin", "http://127.0.0.1:" + site.port())
              .upgrade("actioncable-v1-json")
              .open();
      open.add(socket);
      WeightsIT.awaitIn(socket.getInputStream(), "welcome");
    }
  }
}
