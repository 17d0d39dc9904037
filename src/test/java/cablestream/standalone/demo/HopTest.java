package cablestream.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a client and a server on its two sides. */
class HopTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final String UPGRADE = "GET /cable HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
  private static final String CONTROL = "GET /x/-/demo/control HTTP/1.1\r\n\r\n";

  private final InetAddress loopback = InetAddress.getLoopbackAddress();
  private ServerSocket server;
  private Hop hop;

  /** A connection through the hop. */
  private record Pair(Socket client, Socket server) {
    void send(String text) throws IOException {
      write(client, text);
    }

    void answer(String text) throws IOException {
      write(server, text);
    }

    void expectAtServer(String text) throws IOException {
      assertThat(read(server, text.length())).isEqualTo(text);
    }

    void expectAtClient(String text) throws IOException {
      assertThat(read(client, text.length())).isEqualTo(text);
    }

    void expectNothing() throws IOException {
      for (Socket each : new Socket[] {client, server}) {
        each.setSoTimeout(200);
        assertThatThrownBy(() -> each.getInputStream().read())
            .isInstanceOf(SocketTimeoutException.class);
        each.setSoTimeout(10_000);
      }
    }

    /** The end of the connection shows as such, or as a reset. */
    void expectEnd() {
      for (Socket each : new Socket[] {client, server}) {
        try {
          assertThat(each.getInputStream().read()).isEqualTo(-1);
        } catch (SocketTimeoutException e) {
          throw new AssertionError("It is still open", e);
        } catch (IOException e) {
          // A reset.
        }
      }
    }

    private static void write(Socket to, String text) throws IOException {
      to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String read(Socket from, int length) throws IOException {
      return new String(from.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, loopback);
    server.setSoTimeout(10_000);
    hop =
        new Hop(
            new InetSocketAddress(loopback, 0),
            new InetSocketAddress(loopback, server.getLocalPort()));
  }

  @AfterEach
  void stop() throws IOException {
    hop.close();
    server.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("cablestream-hop");
  }

  @Test
  void whatComesIsForwardedBothWaysAndSoIsTheEnd() throws IOException {
    Pair pair = connect();
    pair.send("question");
    pair.expectAtServer("question");
    pair.answer("answer".repeat(100_000));
    pair.expectAtClient("answer".repeat(100_000));

    pair.server.close();

    pair.expectEnd();
  }

  @Test
  void whileTheNetworkIsCutNothingPassesAndConnectionsStayOpen() throws IOException {
    Pair pair = connect();
    cut(pair);

    pair.send("question");
    pair.answer("answer");

    pair.expectNothing();
    assertThat(hop.cutMillis()).isPositive();
  }

  @Test
  void whenTheNetworkIsBackConnectionsFromBeforeAreResetAndLaterOnesGoOn() throws IOException {
    Pair before = connect();
    cut(before);
    Pair meanwhile = connect();
    meanwhile.send("question");
    meanwhile.expectNothing();

    hop.cut(Duration.ZERO);

    before.expectEnd();
    meanwhile.expectAtServer("question");
  }

  @Test
  void theControlIsReachedWhileTheNetworkIsCut() throws IOException {
    Pair pair = connect();
    cut(pair);

    pair.send(CONTROL);

    pair.expectAtServer(CONTROL);
    pair.answer("{}");
    pair.expectAtClient("{}");
  }

  @Test
  void webSocketsAreResetAndNothingElseIs() throws IOException {
    Pair webSocket = connect();
    webSocket.send(UPGRADE);
    webSocket.expectAtServer(UPGRADE);
    Pair stream = connect();
    stream.send("GET / HTTP/1.1\r\n\r\n");

    hop.killWebSockets(LONG);

    webSocket.expectEnd();
    Pair next = connect();
    next.send(UPGRADE);
    next.expectEnd();
    stream.answer("event");
    stream.expectAtClient("event");

    hop.killWebSockets(Duration.ZERO);

    Pair last = connect();
    last.send(UPGRADE);
    last.expectAtServer(UPGRADE);
  }

  @Test
  void aClientThatSendsWithoutEndWhileTheNetworkIsCutIsHeldUpAndTakesNoMemory() throws Exception {
    Pair pair = connect();
    cut(pair);
    Thread sender =
        new Thread(
            () -> {
              try {
                pair.send("x".repeat(64 << 20));
              } catch (IOException e) {
                // It is reset at the end.
              }
            });
    sender.start();

    sender.join(500);

    assertThat(sender.isAlive()).isTrue();
    hop.cut(Duration.ZERO);
    sender.join(10_000);
    assertThat(sender.isAlive()).isFalse();
  }

  /** Returns when the cut is in force: the hop visits its connections in turn. */
  private void cut(Pair pair) throws IOException {
    pair.send("before");
    pair.expectAtServer("before");
    hop.cut(LONG);
    Pair late = connect();
    late.send(CONTROL);
    late.expectAtServer(CONTROL);
  }

  private Pair connect() throws IOException {
    Socket client = new Socket(loopback, hop.port());
    Socket accepted = server.accept();
    client.setSoTimeout(10_000);
    accepted.setSoTimeout(10_000);
    return new Pair(client, accepted);
  }
}
