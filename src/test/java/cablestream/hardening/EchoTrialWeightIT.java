package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.wire.RawRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What a visitor who tries a WebSocket is charged is what the trial takes of the heap, and up to
 * three tenths more. In {@code java -jar}, which has WebSockets always.
 */
class EchoTrialWeightIT {
  private static final int TRIALS = 100;
  private static final int OF_AN_ADDRESS = 20;

  /** They make the classes, threads and pools. */
  private static final int FIRST = 20;

  @Test
  void anEchoTrial() throws IOException {
    Deque<Socket> open = new ArrayDeque<>();
    try (Besieged bridge = Place.JAVA_JAR.start(512, Map.of("operator.token", Siege.TOKEN));
        Watch watch = new Watch(bridge)) {
      add(open, FIRST, bridge.site());
      long chargedBefore = trials(watch);
      long before = used(watch);
      add(open, TRIALS, bridge.site());
      long taken = (used(watch) - before) / TRIALS;
      long charged = (trials(watch) - chargedBefore) / TRIALS;

      assertThat(charged).isBetween(taken * 9 / 10, taken * 13 / 10);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private static long trials(Watch watch) {
    return watch.byKind("cablestream_account_bytes").get("trial");
  }

  private static long used(Watch watch) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      least = Math.min(least, watch.heap());
    }
    return least;
  }

  private static void add(Deque<Socket> open, int many, Site site) throws IOException {
    for (int i = 0; i < many; i++) {
      Socket socket =
          RawRequest.of("GET", site.port(), site.path() + "/-/echo/cable")
              .from("127.0.1." + (1 + open.size() / OF_AN_ADDRESS))
              .header("Origin", "http://127.0.0.1:" + site.port())
              .header("Connection", "Upgrade")
              .header("Upgrade", "websocket")
              .header("Sec-WebSocket-Version", "13")
              .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
              .header("Sec-WebSocket-Protocol", "actioncable-v1-json")
              .open();
      open.add(socket);
      awaitWelcome(socket.getInputStream());
    }
  }

  private static void awaitWelcome(InputStream answer) throws IOException {
    StringBuilder heard = new StringBuilder();
    byte[] bytes = new byte[1_024];
    while (heard.indexOf("welcome") < 0) {
      int count = answer.read(bytes);
      assertThat(count).as("more after <%s>", heard).isPositive();
      heard.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
    }
  }
}
