package cablestream.http.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.cluster.Node;
import cablestream.cluster.Secret;
import cablestream.environment.Environment;
import cablestream.environment.Observer;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.Defaults;
import cablestream.support.FakeResponse;
import cablestream.support.FakeTimers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses from another node's address, whether it is a node or not. */
class RelaysTest {
  private static final String ID = "node-2";

  private final Account account = Account.ofHeap();
  private final FakeTimers timers = new FakeTimers();
  private volatile boolean lives = true;
  private volatile boolean hungUp;
  private volatile boolean noThread;
  private final Relays relays =
      new Relays(
          node -> lives,
          new Signatures(new Secret("0123456789abcdef0123456789abcdef"), "node-1"),
          new Environment(
              "node-1",
              Defaults.limits(),
              new Environment.Execution(timers, InstantSource.system(), this::run, null),
              null,
              Observer.NONE,
              account,
              0));
  private HttpServer server;
  private ServerSocket listener;
  private final CountDownLatch reads = new CountDownLatch(1);

  @AfterEach
  void close() throws IOException {
    if (listener != null) {
      listener.close();
    }
    relays.close();
    assertThat(account.used(Kind.COMMAND)).isZero();
    if (server != null) {
      server.stop(0);
    }
  }

  private void run(Runnable task) {
    if (noThread) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    task.run();
  }

  private Node serving(int status, String answeringId) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          if (answeringId != null) {
            exchange.getResponseHeaders().set("Cablestream-Node", answeringId);
          }
          exchange.getResponseHeaders().set("X-Other", "kept");
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    return node(server.getAddress().getPort());
  }

  /** Sends these bytes in response to any request. */
  private Node saying(String answer) throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    CompletableFuture.runAsync(
        () -> {
          try (Socket socket = listener.accept()) {
            socket.getInputStream().read();
            reads.countDown();
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            // The client has disconnected.
          }
        });
    return node(listener.getLocalPort());
  }

  private static Node node(int port) {
    return new Node(
        ID, URI.create("http://127.0.0.1:" + port + "/cable-events"), true, Node.PROTOCOL);
  }

  private static Map<String, List<String>> headers(Relay answer) {
    FakeResponse response = new FakeResponse();
    answer.describe(response.build());
    return response.headers();
  }

  private String sendTo(Node node) throws Exception {
    return send(node, "GET", null).get(5, TimeUnit.SECONDS);
  }

  private CompletableFuture<String> send(Node node, String method, byte[] body) {
    HandedOn request =
        new HandedOn(
            method,
            "/session",
            null,
            new TreeMap<>(),
            new HandedOn.Origin("192.0.2.7", "https"),
            body);
    CompletableFuture<String> outcome = new CompletableFuture<>();
    Relay.Receiver receiver =
        new Relay.Receiver() {
          @Override
          public void answered(Relay relay) {
            outcome.complete("answered " + relay.status() + " " + headers(relay));
            relay.cancel();
          }

          @Override
          public void gone(boolean executed) {
            outcome.complete(executed ? "gone, sent" : "gone");
          }

          @Override
          public void unanswered(boolean executed) {
            outcome.complete(executed ? "unanswered, sent" : "unanswered");
          }

          @Override
          public void unneeded() {
            outcome.complete("unneeded");
          }
        };
    assertThat(relays.send(node, request, Duration.ofSeconds(5), () -> hungUp, receiver)).isTrue();
    return outcome;
  }

  @Test
  void aNodesAnswerIsHandedBackWithoutItsId() throws Exception {
    assertThat(sendTo(serving(404, ID)))
        .startsWith("answered 404")
        .contains("X-other=[kept]")
        .doesNotContain(ID);
  }

  /** A further look-up then finds that another node owns the id. */
  @Test
  void soIsThatOfANodeThatWasStartedAgain() throws Exception {
    assertThat(sendTo(serving(421, "another"))).startsWith("answered 421");
  }

  /**
   * An EventSource would treat 404 as final, and a page would give up its session. Because that
   * node may be alive, no other node claims its session.
   */
  @Test
  void aContainerThatDoesNotHaveTheApplicationHasTakenNothing() throws Exception {
    assertThat(sendTo(serving(404, null))).isEqualTo("unanswered");
  }

  /** A repetition would have the same result. */
  @ParameterizedTest
  @ValueSource(ints = {400, 413, 414, 431})
  void whatAContainerSaysOfTheRequestItselfIsHandedBack(int status) throws Exception {
    assertThat(sendTo(serving(status, null))).startsWith("answered " + status);
  }

  /** At an address that another bridge uses by now. */
  @Test
  void anotherNodesRefusalIsNoAnswer() throws Exception {
    assertThat(sendTo(serving(403, "another"))).isEqualTo("unanswered, sent");
    server.stop(0);
    assertThat(sendTo(serving(404, "another"))).isEqualTo("unanswered");
  }

  /** The response may come from a proxy before the node, which may have executed the request. */
  @ParameterizedTest
  @ValueSource(ints = {200, 502, 504})
  void anythingElsesAnswerSaysNothing(int status) throws Exception {
    assertThat(sendTo(serving(status, null))).isEqualTo("unanswered, sent");
  }

  /** There could be any number of them, each with fields that the client would keep. */
  @Test
  void anInterimAnswerSaysNothing() throws Exception {
    assertThat(sendTo(saying("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")))
        .isEqualTo("unanswered, sent");
  }

  @Test
  void anAnswerOfManyFieldsHasFailed() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nCablestream-Node: " + ID + "\r\nContent-Length: 0\r\n";
    assertThat(sendTo(saying(head + "A: b\r\n".repeat(99) + "\r\n"))).isEqualTo("unanswered, sent");
  }

  @Test
  void aNameThatNobodyKnowsIsNotSentTo() throws Exception {
    assertThat(
            sendTo(
                new Node(
                    ID, URI.create("http://none.invalid:8080/cable-events"), true, Node.PROTOCOL)))
        .isEqualTo("unanswered");
  }

  /** As behind a firewall that drops packets: here a port with a full backlog. */
  @Test
  void nobodyTakesTheConnection() throws Exception {
    List<Socket> full = new ArrayList<>();
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 2; i++) {
        full.add(new Socket(deaf.getInetAddress(), deaf.getLocalPort()));
      }
      CompletableFuture<String> outcome = send(node(deaf.getLocalPort()), "POST", new byte[1]);
      hungUp = true;
      timers.advance(Duration.ofSeconds(1));
      assertThat(outcome).as("it may contain commands").isNotDone();
      assertThat(outcome.get(5, TimeUnit.SECONDS)).isEqualTo("unanswered");
    } finally {
      for (Socket socket : full) {
        socket.close();
      }
    }
  }

  @Test
  void aNodeWhoseLeaseIsOverIsNotWaitedFor() throws Exception {
    CompletableFuture<String> outcome = send(saying(""), "GET", null);
    Awaitility.await().until(() -> reads.getCount() == 0);
    timers.advance(Duration.ofSeconds(2));
    assertThat(outcome).isNotDone();
    lives = false;
    timers.advance(Duration.ofSeconds(1));
    assertThat(outcome.get(5, TimeUnit.SECONDS)).isEqualTo("gone, sent");
  }

  @Test
  void aCheckForWhichNoThreadCouldBeStartedIsRepeated() throws Exception {
    CompletableFuture<String> outcome = send(saying(""), "GET", null);
    Awaitility.await().until(() -> reads.getCount() == 0);
    lives = false;
    noThread = true;
    assertThatThrownBy(() -> timers.advance(Duration.ofSeconds(1)))
        .isInstanceOf(OutOfMemoryError.class);
    noThread = false;
    timers.advance(Duration.ofSeconds(1));
    assertThat(outcome.get(2, TimeUnit.SECONDS)).isEqualTo("gone, sent");
  }

  @Test
  void oneWhoseClientHasDisconnectedIsGivenUpOnceItIsSent() throws Exception {
    CompletableFuture<String> outcome = send(saying(""), "GET", null);
    Awaitility.await().until(() -> reads.getCount() == 0);
    timers.advance(Duration.ofSeconds(2));
    assertThat(outcome).isNotDone();
    assertThat(hangUp(outcome)).isEqualTo("unneeded");
  }

  /** The other end may have read the request before this one knows that it is written. */
  private String hangUp(CompletableFuture<String> outcome) throws Exception {
    hungUp = true;
    Awaitility.await()
        .until(
            () -> {
              timers.advance(Duration.ofSeconds(1));
              return outcome.isDone();
            });
    return outcome.get();
  }

  @Test
  void theOtherNodeStillReadsTheCommandsOfAClientThatHasDisconnected() throws Exception {
    byte[] body = new byte[100_000];
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<String> outcome = send(node(busy.getLocalPort()), "POST", body);
      assertThat(hangUp(outcome)).isEqualTo("unneeded");
      try (Socket socket = busy.accept()) {
        assertThat(socket.getInputStream().readAllBytes()).hasSizeGreaterThan(body.length);
      }
    }
  }

  @Test
  void nobodyListens() throws Exception {
    Node node = serving(200, ID);
    server.stop(0);
    assertThat(sendTo(node)).isEqualTo("gone");
  }

  /** RFC 9110, 15.6.4: the sender of this status hasn't executed the request. */
  @Test
  void aContainerThatIsStoppingHasTakenNothing() throws Exception {
    assertThat(sendTo(serving(503, null))).isEqualTo("unanswered");
  }

  /**
   * If that ended too early, a container would end the browser's response as if it were complete.
   */
  @Test
  void anAnswerWhoseEndCouldBeMissedIsNone() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nCablestream-Node: " + ID + "\r\n";
    String chunked = "Transfer-Encoding: chunked\r\n\r\n5\r\n[{\"a\"\r\n";
    assertThat(sendTo(saying(head + "Content-Type: application/json\r\n" + chunked)))
        .isEqualTo("unanswered, sent");
    listener.close();
    assertThat(sendTo(saying(head + "Content-Type: text/event-stream\r\n" + chunked)))
        .startsWith("answered 200");
  }
}
