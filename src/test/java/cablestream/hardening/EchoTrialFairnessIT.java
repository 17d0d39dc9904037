package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.support.wire.RawRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * WebSocket trials: at most twenty per address. When there is no room, those of the address with
 * the most trials are closed.
 */
class EchoTrialFairnessIT {
  private static RawRequest trial(Besieged bridge, String address) {
    return RawRequest.of("GET", bridge.site().port(), bridge.site().path() + "/-/echo/cable")
        .from(address)
        .header("Origin", "http://127.0.0.1:" + bridge.site().port())
        .upgrade("actioncable-v1-json");
  }

  @Test
  void aStrangerKeepsNobodyFromATrial() throws IOException {
    Deque<Socket> open = new ArrayDeque<>();
    try (Besieged bridge = Place.JAVA_JAR.start(96, Map.of())) {
      for (int i = 0; i < 20; i++) {
        open.add(welcomed(bridge, "127.0.1.1"));
      }
      assertThat(trial(bridge, "127.0.1.1").send().status()).isEqualTo(429);
      for (int i = 0; i < 100; i++) {
        open.add(trial(bridge, "127.0.1." + (2 + i / 20)).open());
      }
      open.add(welcomed(bridge, "127.0.2.1"));
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  /** Each frame is read at once, and java -jar has few threads that read. */
  @Test
  void aClientThatSendsWithoutEndIsCut() throws IOException {
    byte[] frames = "\u0081\u0081\0\0\0\0a".repeat(100).getBytes(StandardCharsets.ISO_8859_1);
    try (Besieged bridge = Place.JAVA_JAR.start(96, Map.of());
        Socket socket = welcomed(bridge, "127.0.1.1")) {
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      assertThatThrownBy(
              () -> {
                for (int sent = 0; sent < 10 << 20; sent += frames.length) {
                  out.write(frames);
                  in.skipNBytes(in.available());
                }
              })
          .isInstanceOf(SocketException.class);
    }
  }

  private static Socket welcomed(Besieged bridge, String address) throws IOException {
    Socket socket = trial(bridge, address).open();
    WeightsIT.awaitIn(socket.getInputStream(), "welcome");
    return socket;
  }
}
