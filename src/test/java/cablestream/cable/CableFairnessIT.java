package cablestream.cable;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.cable.jetty.JettyCableDialer;
import cablestream.memory.Account;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.RawWebSocketServer;
import cablestream.support.RawWebSocketServer.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cables that always have something to read, beside one that only occasionally has. */
@Timeout(60)
class CableFairnessIT {
  /** More than enough for a turn of each busy cable. */
  private static final Duration A_TURN_OF_EACH = Duration.ofSeconds(1);

  private static final int BUSY = 2 * Runtime.getRuntime().availableProcessors();
  private static final int QUIET = 8;

  private final RawWebSocketServer server = new RawWebSocketServer();
  private final JettyCableDialer dialer =
      new JettyCableDialer(Defaults.cable(server.url()), new FakeTimers(), Account.ofHeap());
  private final List<Peer> peers = new ArrayList<>();

  CableFairnessIT() throws IOException {}

  @AfterEach
  void close() throws IOException {
    for (Peer peer : peers) {
      peer.close();
    }
    dialer.close();
    server.close();
  }

  @Test
  void aBusyCableLeavesTheOthersTheirTurn() throws IOException {
    List<Reader> busy = new ArrayList<>();
    List<Reader> quiet = new ArrayList<>();
    for (int i = 0; i < BUSY; i++) {
      busy.add(new Reader());
    }
    for (int i = 0; i < QUIET; i++) {
      quiet.add(new Reader());
    }
    for (Reader reader : busy) {
      flood(reader.peer);
      reader.awaitFrames(1_000);
    }
    for (int round = 1; round <= 5; round++) {
      for (Reader reader : quiet) {
        long asked = System.nanoTime();
        reader.peer.frame(0x81, "{}");
        reader.awaitFrames(round);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(A_TURN_OF_EACH);
      }
    }
    for (Reader reader : busy) {
      reader.awaitFrames(reader.frames.get() + 1_000);
    }
  }

  private static void flood(Peer peer) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 10_000; i++) {
      frames.writeBytes("\u0001\u0002{}".getBytes(US_ASCII));
    }
    byte[] bytes = frames.toByteArray();
    for (int i = 0; i < bytes.length; i += 4) {
      bytes[i] = (byte) 0x81;
    }
    Thread writer =
        new Thread(
            () -> {
              try {
                while (true) {
                  peer.write(bytes);
                }
              } catch (IOException closed) {
                // the test has ended
              }
            },
            "flood");
    writer.setDaemon(true);
    writer.start();
  }

  /** Reads frame after frame, as fast as they arrive. */
  private final class Reader extends RecordingEvents {
    private final AtomicLong frames = new AtomicLong();
    private final CableSocket socket;
    private final Peer peer;

    Reader() throws IOException {
      socket = dialer.dial(server.url(), List.of(), List.of("actioncable-v1-json"), this);
      peer = server.acceptAndUpgrade();
      peers.add(peer);
      assertThat(next()).startsWith("opened");
      socket.demand();
    }

    @Override
    public void text(byte[] message) {
      frames.incrementAndGet();
      socket.demand();
    }

    void awaitFrames(long count) {
      await().pollInterval(Duration.ofMillis(1)).until(() -> frames.get() >= count);
    }
  }
}
