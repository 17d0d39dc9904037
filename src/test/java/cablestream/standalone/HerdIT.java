package cablestream.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.InProcessActionCable;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * All clients connect at once to a bridge that has just started, as after a restart. The full size,
 * which needs two processors of its own:
 *
 * <pre>mvn verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=HerdIT \
 *     -Dherd.clients=2000 -Dherd.seconds=6</pre>
 */
class HerdIT {
  private static final int CLIENTS = Integer.getInteger("herd.clients", 400);

  /** Generous, because other tests run beside it. A dropped connection takes longer. */
  private static final int SECONDS = Integer.getInteger("herd.seconds", 20);

  private final List<Double> welcomes = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  @Test
  void everybodyIsBackSoonAndNobodyIsRefused() throws IOException {
    try (InProcessActionCable rails = InProcessActionCable.start();
        StandaloneBridge bridge =
            StandaloneBridge.start(Map.of("cable.url", rails.url().toString(), "http.port", "0"));
        Selector selector = Selector.open()) {
      Listening listening = bridge.awaitListening();
      long start = System.nanoTime();
      List<SocketChannel> clients = connectAll(selector, listening.port());
      while (welcomes.size() + failures.size() < CLIENTS && seconds(start) < SECONDS) {
        selector.select(100);
        for (SelectionKey key : selector.selectedKeys()) {
          serve(key, listening, start);
        }
        selector.selectedKeys().clear();
      }
      Collections.sort(welcomes);
      System.out.printf(
          "herd of %d: %d welcomed, p50 %.1f s, last %.1f s%n",
          CLIENTS,
          welcomes.size(),
          welcomes.isEmpty() ? Double.NaN : welcomes.get(welcomes.size() / 2),
          welcomes.isEmpty() ? Double.NaN : welcomes.get(welcomes.size() - 1));
      for (SocketChannel client : clients) {
        client.close();
      }
      assertThat(failures).isEmpty();
      assertThat(welcomes).hasSize(CLIENTS);
    }
  }

  private static List<SocketChannel> connectAll(Selector selector, int port) throws IOException {
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      SocketChannel client = SocketChannel.open();
      clients.add(client);
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_CONNECT);
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
    return clients;
  }

  private void serve(SelectionKey key, Listening listening, long start) throws IOException {
    SocketChannel client = (SocketChannel) key.channel();
    if (key.isConnectable() && client.finishConnect()) {
      String head =
          "GET %s/%s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
              .formatted(listening.path(), UUID.randomUUID());
      client.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      key.attach("");
      key.interestOps(SelectionKey.OP_READ);
    } else if (key.isReadable()) {
      ByteBuffer some = ByteBuffer.allocate(4_096);
      int length = client.read(some);
      String text =
          key.attachment()
              + new String(some.array(), 0, Math.max(0, length), StandardCharsets.US_ASCII);
      key.attach(text);
      if (text.contains("\"joined\"")) {
        welcomes.add(seconds(start));
        key.cancel();
      } else if (length < 0 || !"HTTP/1.1 200".startsWith(head(text))) {
        failures.add(text);
        key.cancel();
      }
    }
  }

  private static String head(String text) {
    return text.substring(0, Math.min(text.length(), "HTTP/1.1 200".length()));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
