package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.Commands;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Browsers that vanish without closing their connections: how long Rails considers them present.
 */
@InTomcatAndJetty
class VanishedBrowserIT {
  private static final Duration HEARTBEAT = Duration.ofSeconds(3);
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final CableServer cable = new CableServer();
  private final Bridge bridge;

  VanishedBrowserIT(Container container) {
    bridge =
        Bridge.in(container)
            .setting("cable.url", cable.url().toString())
            .setting("heartbeat", HEARTBEAT.toSeconds() + "s")
            .setting("linger", LINGER.toSeconds() + "s")
            .start();
  }

  @AfterEach
  void stop() {
    bridge.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?ping=3"})
  void theCableIsClosedSoonAfterTheNextHeartbeat(String query) throws IOException {
    Socket socket = open(query);
    await().until(() -> cable.open() == 1);
    // All has been read, so the kernel closes the connection with a FIN instead of an RST: the
    // harder case.
    read(socket, "joined");
    long started = System.nanoTime();
    socket.close();
    await().pollInterval(Duration.ofMillis(20)).until(() -> cable.open() == 0);
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    assertThat(took).isLessThan(LINGER.plus(HEARTBEAT).plusSeconds(2));
  }

  /** The network accepts the first packet, and then reports the host as unreachable. */
  @Test
  void ofTheEventsThatAreWrittenToItOnlyTheFirstIsLostWithoutACursor() {
    Visitor visitor = Visitor.of(bridge.site());
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
    }
    for (int room = 1; room <= 4; room++) {
      String identifier = "{\"channel\":\"RoomChannel\",\"room\":" + room + "}";
      // Commands wait for the confirmation, whose event has been written earlier.
      visitor.post(Commands.subscribe(identifier), Commands.send(identifier, "{}"));
    }
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      assertThat(stream.next("connected").data()).contains("\"room\":2");
    }
  }

  private Socket open(String query) throws IOException {
    RawRequest request =
        bridge
            .request("GET", "/" + UUID.randomUUID() + query)
            .header("Origin", "http://127.0.0.1:" + bridge.port())
            .header("Accept", "text/event-stream");
    return request.open();
  }

  private static void read(Socket socket, String word) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    byte[] buffer = new byte[4_096];
    while (!text.toString().contains(word) || !text.toString().endsWith("\n\n")) {
      int length = in.read(buffer);
      assertThat(length).isPositive();
      text.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
      if (text.toString().contains(word) && in.available() == 0) {
        return;
      }
    }
  }
}
