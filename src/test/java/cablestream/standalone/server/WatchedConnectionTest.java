package cablestream.standalone.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a Jetty of its own that responds when the test says so. */
class WatchedConnectionTest {
  private final Server server = new Server();
  private final List<SocketChannel> clients = new ArrayList<>();
  private final ConcurrentLinkedQueue<Callback> asked = new ConcurrentLinkedQueue<>();
  private LimitingConnector connector;

  @BeforeEach
  void start() throws Exception {
    start(1L << 30);
  }

  private void start(long heap) throws Exception {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(32 * 1024);
    http.setHeaderCacheSize(0);
    connector = new LimitingConnector(server, 1, http, heap, 64 * 1024);
    connector.setAcceptQueueSize(4_096);
    server.setConnectors(new Connector[] {connector});
    server.setHandler(
        new Handler.Abstract.NonBlocking() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            asked.add(callback);
            return true;
          }
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (SocketChannel client : clients) {
      client.close();
    }
    server.stop();
  }

  /** The memory of the idle connections, in bytes. */
  private long bytes() {
    return connector.connections().mapToLong(IdleConnections.Connection::idleBytes).sum();
  }

  private long size() {
    return connector.connections().filter(each -> each.idleBytes() > 0).count();
  }

  private SocketChannel client(String says) throws IOException {
    SocketChannel client =
        SocketChannel.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()));
    clients.add(client);
    say(client, says);
    return client;
  }

  private static void say(SocketChannel client, String says) throws IOException {
    client.write(ByteBuffer.wrap(says.getBytes(ISO_8859_1)));
  }

  private static String status(SocketChannel client) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(4_096);
    client.read(read);
    return new String(read.array(), 0, Math.min(12, read.position()), ISO_8859_1);
  }

  @Test
  void itIsIdleUntilItsHeadIsWholeAndAgainAfterItsAnswer() throws IOException {
    SocketChannel client = client("GET / HTTP/1.1\r\nHost: a\r\nA: " + "x".repeat(2_000));
    await().until(() -> bytes() > IdleConnections.EACH + 2 * 2_000);

    say(client, "\r\n\r\n");
    await().until(() -> asked.size() == 1);
    assertThat(size()).isZero();

    asked.remove().succeeded();
    assertThat(status(client)).isEqualTo("HTTP/1.1 200");
    await().until(() -> bytes() == IdleConnections.EACH);
  }

  @Test
  void onceClosedItIsNone() throws IOException {
    SocketChannel client = client("GET / HTTP/1.1\r\n");
    await().until(() -> size() == 1);

    client.close();

    await().until(() -> size() == 0);
    assertThat(bytes()).isZero();
  }

  @Test
  void aHeadThatOutgrowsTheLimitEndsItsConnection() throws Exception {
    server.stop();
    start(IdleConnections.MAX_PART_OF_HEAP * 8 * IdleConnections.EACH);
    SocketChannel few = client("GET / HTTP/1.1\r\nHost: a\r\n");
    SocketChannel many = client("GET / HTTP/1.1\r\nHost: a\r\n" + "a:b\r\n".repeat(90));
    await().until(() -> bytes() > 5 * IdleConnections.EACH);

    SocketChannel length = client("GET / HTTP/1.1\r\nHost: a\r\nA: " + "x".repeat(15_000));

    await().until(() -> connector.idle().cut() == 3);
    assertThat(size()).isZero();
    for (SocketChannel cut : List.of(few, many, length)) {
      assertThat(cut.read(ByteBuffer.allocate(1))).isNegative();
    }
  }

  @Test
  void aHeadMayHaveAHundredFields() throws IOException {
    SocketChannel hundred = client("GET / HTTP/1.1\r\nHost: a\r\n" + "a:b\r\n".repeat(99) + "\r\n");
    await().until(() -> asked.size() == 1);
    asked.remove().succeeded();
    assertThat(status(hundred)).isEqualTo("HTTP/1.1 200");

    SocketChannel more = client("GET / HTTP/1.1\r\nHost: a\r\n" + "a:b\r\n".repeat(100) + "\r\n");
    assertThat(status(more)).isEqualTo("HTTP/1.1 431");
    assertThat(asked).isEmpty();
  }

  @Test
  void whatAnIdleOneIsSaidToTakeItTakes() throws Exception {
    assertThat(taken("", 2_000)).isCloseTo(bytes(), withPercentage(30));
  }

  @Test
  void whatOneWithManyFieldsIsSaidToTakeItTakesAtTheMost() throws Exception {
    String head = "GET / HTTP/1.1\r\nHost: a\r\n" + "a:b\r\n".repeat(98);

    assertThat(taken(head, 500)).isBetween(bytes() / 2, bytes() * 13 / 10);
  }

  @Test
  void whatOneWithALongFieldIsSaidToTakeItTakesAtTheMost() throws Exception {
    String head = "GET / HTTP/1.1\r\nHost: a\r\nA: " + "x".repeat(30_000);

    assertThat(taken(head, 200)).isBetween(bytes() / 2, bytes() * 13 / 10);
  }

  /** Bytes of the heap occupied by this many connections on which this head was sent. */
  private long taken(String head, int connections) throws Exception {
    client(head); // loads the necessary classes
    await().until(() -> size() == 1);
    long one = settled();
    long before = heap();
    for (int i = 0; i < connections; i++) {
      client(head);
    }
    // Not less: what is still on its way would be counted later, and isn't on the heap yet.
    await().until(() -> bytes() == (1 + connections) * one);
    return heap() - before;
  }

  /** Their reserved bytes, once the value has been constant for a while. */
  private long settled() throws InterruptedException {
    long seen = -1;
    while (seen != bytes()) {
      seen = bytes();
      Thread.sleep(200);
    }
    return seen;
  }

  private static long heap() throws InterruptedException {
    Runtime runtime = Runtime.getRuntime();
    long min = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Thread.sleep(50);
      min = Math.min(min, runtime.totalMemory() - runtime.freeMemory());
    }
    return min;
  }
}
