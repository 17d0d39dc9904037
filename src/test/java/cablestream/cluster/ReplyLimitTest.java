package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds of a store's replies, and of the lengths that it announces. */
class ReplyLimitTest {
  /** As Jedis reads: whatever is available, and one byte at a time. */
  private static void read(String replies) throws IOException {
    byte[] bytes = replies.getBytes(StandardCharsets.ISO_8859_1);
    limited(bytes).readAllBytes();
    InputStream slow = limited(bytes);
    for (byte each : bytes) {
      assertThat((byte) slow.read()).isEqualTo(each);
    }
    assertThat(slow.read()).isEqualTo(-1);
  }

  private static ReplyLimit limited(byte[] bytes) {
    return new ReplyLimit(new ByteArrayInputStream(bytes), () -> 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+OK\r\n",
        "-ERR $2000000000 is no length here\r\n",
        ":2000000000000\r\n",
        "$-1\r\n",
        "$0\r\n\r\n",
        "$12\r\n*2000000000\n\r\n:1\r\n",
        "*-1\r\n*0\r\n",
        "*3\r\n:1\r\n*2\r\n$2\r\n$9\r\n*0\r\n*1\r\n+a\r\n$3\r\nabc\r\n",
        "_\r\n#t\r\n,1.5\r\n(12345678901234567890\r\nHTTP/1.1 400 Bad Request\r\n"
      })
  void whatAStoreSaysIsRead(String replies) {
    assertThatCode(() -> read(replies)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$2000000000\r\n",
        "*200000000\r\n",
        "%40000\r\n",
        "!99999999999\r\n",
        "*40000\r\n*40000\r\n",
        "$?\r\n",
        "$\r\n",
        "$0000000000000002000000000\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
        "+OK\r\n:1\r\n*100000\r\n",
        "%1\r\n+server\r\n$6\r\nvalkey\r\n", // RESP3, which isn't spoken
        "=7\r\ntxt:abc\r\n",
        "~1\r\n:1\r\n",
        ">2\r\n+message\r\n$1\r\na\r\n",
        "|1\r\n+ttl\r\n:1\r\n+OK\r\n"
      })
  void whatItOnlyAnnouncesIsNotBelieved(String replies) {
    assertThatThrownBy(() -> read(replies)).isInstanceOf(IOException.class);
  }

  @Test
  void allRepliesToOneExchangeTogetherAreBounded() throws IOException {
    String reply = "$1000000\r\n" + "x".repeat(1_000_000) + "\r\n";
    assertThatCode(() -> read(reply.repeat(4))).doesNotThrowAnyException();
    assertThatThrownBy(() -> read(reply.repeat(5))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> read("+" + "x".repeat(5_000_000))).isInstanceOf(IOException.class);

    ReplyLimit each = limited(reply.repeat(9).getBytes(StandardCharsets.ISO_8859_1));
    for (int i = 0; i < 9; i++) {
      each.exchange();
      assertThat(each.readNBytes(reply.length())).hasSize(reply.length());
    }
  }

  /** For each kind of store, over a socket: Jedis's allocations would end the process. */
  @ParameterizedTest
  @ValueSource(strings = {"redis", "redis-sentinel", "redis-cluster"})
  void aStoreThatAnnouncesWhatDoesNotFitIsOneThatFails(String scheme) throws IOException {
    for (String reply : List.of("$2000000000\r\n", "*200000000\r\n")) {
      try (ServerSocket server = answering(reply.getBytes(StandardCharsets.US_ASCII))) {
        assertFails(scheme, server);
      }
    }
  }

  /** A byte now and then keeps resetting each socket timeout. */
  @Test
  void aStoreThatAnswersTooSlowlyFails() throws IOException {
    try (ServerSocket server = answering("$9\r\n123456789".getBytes(StandardCharsets.US_ASCII))) {
      long began = System.nanoTime();
      assertFails("redis", server);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
    }
  }

  private static void assertFails(String scheme, ServerSocket server) {
    String path = scheme.equals("redis-sentinel") ? "/main" : "";
    URI url = URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + path);
    try (ValkeyStore store = new ValkeyStore(url, "cablestream:")) {
      assertThatThrownBy(store::nodes).isInstanceOf(RuntimeException.class);
    }
  }

  /** Responds to any request with this, and sends its last part byte by byte. */
  private static ServerSocket answering(byte[] reply) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    CompletableFuture.runAsync(
        () -> {
          while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
              socket.setSoTimeout(500);
              while (socket.getInputStream().read(new byte[4_096]) > 0) {
                for (byte each : reply) {
                  socket.getOutputStream().write(each);
                  if (Character.isDigit(each) && reply[1] == '9') {
                    Thread.sleep(400);
                  }
                }
              }
            } catch (IOException | InterruptedException e) {
              // The client has disconnected.
            }
          }
        });
    return server;
  }
}
