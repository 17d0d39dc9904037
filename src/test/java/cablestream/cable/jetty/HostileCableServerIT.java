package cablestream.cable.jetty;

import static cablestream.support.Records.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.cable.CableSocket;
import cablestream.cable.DialRequest.Header;
import cablestream.cable.RecordingEvents;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.RawWebSocketServer;
import cablestream.support.RawWebSocketServer.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The adapter with servers that violate the protocol; each test is named after the violation. */
@Timeout(60)
class HostileCableServerIT {
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CONTINUATION = 0x0;
  private static final int PING = 0x9;
  private static final int FIN = 0x80;
  private static final int MAX = 1024 * 1024;

  private final Account account = new Account(64 << 20, 8 << 20);
  private final RawWebSocketServer server;
  private final JettyCableDialer dialer;
  private final RecordingEvents events = new RecordingEvents();

  HostileCableServerIT() throws IOException {
    server = new RawWebSocketServer();
    dialer =
        new JettyCableDialer(
            with(Defaults.cable(server.url()), "maxMessage", MAX), new FakeTimers(), account);
  }

  @AfterEach
  void close() throws IOException {
    dialer.close();
    server.close();
  }

  @Test
  void aMessageOfExactlyTheBoundIsRead() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    CompletableFuture<Void> written = inBackground(() -> peer.frame(FIN | TEXT, "x".repeat(MAX)));
    socket.demand();
    assertThat(events.next()).isEqualTo("text " + MAX);
    written.join();
  }

  @Test
  void aMessageOverTheBoundIsPassedOver() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    CompletableFuture<Void> written =
        inBackground(() -> peer.frame(FIN | TEXT, "x".repeat(10 * MAX)).frame(FIN | TEXT, "next"));
    socket.demand();
    assertThat(events.next()).isEqualTo("unreadable 1009 a frame of more than 1048576 bytes");
    socket.demand();
    assertThat(events.next()).isEqualTo("text next");
    written.join();
  }

  @Test
  void aMessageOverTheBoundInFragmentsIsPassedOver() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    String part = "x".repeat(MAX / 2);
    CompletableFuture<Void> written =
        inBackground(
            () ->
                peer.frame(TEXT, part)
                    .frame(CONTINUATION, part)
                    .frame(CONTINUATION, "x")
                    .frame(CONTINUATION, part)
                    .frame(FIN | CONTINUATION, "")
                    .frame(FIN | TEXT, "next"));
    socket.demand();
    assertThat(events.next()).startsWith("unreadable 1009");
    socket.demand();
    assertThat(events.next()).isEqualTo("text next");
    written.join();
  }

  @Test
  void fragmentsWithoutEndCostNoMemory() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    String part = "x".repeat(64 * 1024);
    CompletableFuture<Void> written =
        inBackground(
            () -> {
              peer.frame(TEXT, part);
              for (int i = 0; i < 8_000; i++) { // half a gigabyte; the heap is smaller
                peer.frame(CONTINUATION, part);
              }
              peer.frame(FIN | CONTINUATION, "").frame(FIN | TEXT, "next");
            });
    socket.demand();
    assertThat(events.next()).startsWith("unreadable 1009");
    socket.demand();
    written.join();
    assertThat(events.next()).isEqualTo("text next");
  }

  @Test
  void aMessageThatThereIsNoMemoryForWaitsUntilThereIs() throws IOException {
    account.force(Kind.LOG, 32 << 20);
    CableSocket socket = dial();
    Peer peer = opened();
    CompletableFuture<Void> written = inBackground(() -> peer.frame(FIN | TEXT, "x".repeat(MAX)));
    socket.demand();
    await().until(() -> account.refused(Kind.MESSAGE) > 2);
    assertThat(account.used(Kind.MESSAGE)).isLessThan(16 * 1024);
    assertThat(events.isEmpty()).isTrue();
    account.release(Kind.LOG, 32 << 20);
    assertThat(events.next()).isEqualTo("text " + MAX);
    socket.releaseMessageRoom();
    socket.releaseEventRoom();
    assertThat(account.used()).isZero();
    written.join();
  }

  @Test
  void aMessageThatThereIsNoMemoryForIsPassedOverInTheEnd() throws IOException {
    account.force(Kind.LOG, 32 << 20);
    CableSocket socket = dial();
    Peer peer = opened();
    CompletableFuture<Void> written =
        inBackground(
            () -> peer.frame(FIN | TEXT, "x".repeat(MAX)).frame(FIN | TEXT, "a small one"));
    socket.demand();
    assertThat(events.next()).isEqualTo("unreadable 1009 no memory for a frame");
    assertThat(account.used(Kind.MESSAGE)).isZero();
    socket.demand();
    assertThat(events.next()).isEqualTo("text a small one");
    written.join();
  }

  @Test
  void aConnectionLostWhileAMessageWaitsForMemoryLeavesNothingBehind() throws IOException {
    account.force(Kind.LOG, 32 << 20);
    CableSocket socket = dial();
    Peer peer = opened();
    CompletableFuture<Void> written = inBackground(() -> peer.frame(FIN | TEXT, "x".repeat(MAX)));
    socket.demand();
    await().until(() -> account.refused(Kind.MESSAGE) > 2);
    socket.abort();
    assertThat(events.next()).startsWith("closed");
    await().until(() -> account.used(Kind.MESSAGE) == 0);
    written.handle((nothing, cutOff) -> nothing).join();
  }

  @Test
  void aFrameThatClaimsToBeHugeCostsNoMemory() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    peer.write((byte) (FIN | TEXT), (byte) 127)
        .write((byte) 0, (byte) 0, (byte) 0, (byte) 0)
        .write((byte) 0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF)
        .write("a little");
    socket.demand();
    peer.close();
    assertThat(events.next()).startsWith("closed 1006");
  }

  @Test
  void aLengthBeyondAllMeasureEndsTheConnection() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    peer.write((byte) (FIN | TEXT), (byte) 127)
        .write((byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF)
        .write((byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF)
        .write("a little");
    socket.demand();
    assertThat(events.next()).startsWith("closed");
  }

  @Test
  void aBinaryMessageInFragmentsIsPassedOver() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    peer.frame(BINARY, "a").frame(CONTINUATION, "b").frame(FIN | CONTINUATION, "c");
    peer.frame(FIN | TEXT, "next");
    socket.demand();
    assertThat(events.next()).isEqualTo("unreadable 1003 a binary frame");
    socket.demand();
    assertThat(events.next()).isEqualTo("text next");
  }

  @Test
  void badUtf8IsHandedOnToBeJudged() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    peer.write((byte) (FIN | TEXT), (byte) 1, (byte) 0xFF);
    socket.demand();
    assertThat(events.next()).startsWith("text");
    assertThat(events.message).containsExactly(0xFF);
  }

  @Test
  void pingsBetweenTheFragmentsOfAMessageAreAnswered() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    peer.frame(TEXT, "a").frame(FIN | PING, "still there").frame(FIN | CONTINUATION, "b");
    socket.demand();
    assertThat(peer.readFrame()).isEqualTo("8a still there");
    assertThat(events.next()).isEqualTo("text ab");
  }

  @Test
  void aFloodOfPingsPilesUpNoPongs() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    socket.demand();
    byte[] ping = new byte[127];
    ping[0] = (byte) (FIN | PING);
    ping[1] = 125;
    byte[] pings = new byte[127 * 1_000];
    for (int i = 0; i < 1_000; i++) {
      System.arraycopy(ping, 0, pings, i * 127, 127);
    }
    for (int i = 0; i < 1_000; i++) { // 127 MB, for which no pong is read
      peer.write(pings);
    }
    peer.frame(FIN | TEXT, "after it");
    assertThat(events.next()).isEqualTo("text after it");
    assertThat(peer.drain()).as("as much as the kernel holds").isLessThan(64 << 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "81 81 00 00 00 00 61", // a masked frame, which is forbidden for a server
        "83 00", // an undefined opcode
        "C1 00", // a bit of an extension that wasn't negotiated
        "80 00", // a continuation without a beginning
        "01 01 61 81 01 62", // a second text before the end of the first
        "09 00", // a fragmented ping
        "89 7E 00 7E", // a ping that is too long
        "88 01 03", // half a close code
        "88 02 03 ED", // a close code that mustn't be sent
      })
  void framesThatBreakTheProtocolEndTheConnection(String hex) throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    for (String b : hex.split(" ")) {
      peer.write((byte) Integer.parseInt(b, 16));
    }
    peer.write("x".repeat(200));
    socket.demand();
    assertThat(events.next()).startsWith("closed");
    peer.awaitEnd();
  }

  @Test
  void aConnectionThatEndsInTheMiddleOfAFrameIsLost() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    peer.write((byte) (FIN | TEXT), (byte) 10).write("half").close();
    socket.demand();
    assertThat(events.next()).startsWith("closed 1006");
    assertThat(events.isEmpty()).isTrue();
  }

  @Test
  void aConnectionThatIsResetIsLost() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    socket.demand();
    peer.reset();
    assertThat(events.next()).startsWith("closed 1006");
  }

  @Test
  void aConnectionThatIsHalfClosedIsLost() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    socket.demand();
    peer.shutdownOutput();
    assertThat(events.next()).startsWith("closed 1006");
    peer.awaitEnd();
  }

  @Test
  void aServerThatNeverAnswersTheCloseIsCutOff() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    long before = System.nanoTime();
    socket.close(1000, "bye");
    assertThat(peer.readFrame()).isEqualTo("88 \u0003\u00e8bye");
    peer.awaitEnd();
    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(8));
    assertThat(events.next()).startsWith("closed");
  }

  @Test
  void aServerThatTalksOnAfterTheCloseIsCutOff() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    socket.close(1000, "");
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    try {
      while (System.nanoTime() < deadline) {
        peer.frame(FIN | TEXT, "and another thing");
      }
    } catch (IOException cutOff) {
      assertThat(events.next()).startsWith("closed");
      return;
    }
    throw new AssertionError("It could talk on");
  }

  @Test
  void aServerThatDoesNotReadIsCutOffOnClose() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    CompletableFuture<String> why = new CompletableFuture<>();
    socket.send(new byte[64 << 20], why::complete);
    socket.close(1000, "");
    assertThat(why).succeedsWithin(Duration.ofSeconds(8)).isEqualTo("the cable is down");
    assertThat(events.next()).startsWith("closed");
    peer.awaitEnd();
  }

  @Test
  void aServerThatKeepsTheConnectionAfterTheCloseIsCutOff() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    socket.demand();
    peer.write((byte) 0x88, (byte) 2, (byte) 0x03, (byte) 0xE8);
    assertThat(events.next()).isEqualTo("closed 1000");
    peer.awaitEnd();
  }

  @Test
  void aRefusalWithAnEndlessBodyIsARefusal() throws IOException {
    dial();
    Peer peer = server.accept();
    peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 1000000000\r\n\r\n" + "x".repeat(100));
    assertThat(events.next()).isEqualTo("refused 404");
    peer.awaitEnd();
  }

  @Test
  void aRefusalInChunksWithoutEndIsARefusal() throws IOException {
    dial();
    Peer peer = server.accept();
    peer.write("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assertThat(events.next()).isEqualTo("refused 503");
    peer.awaitEnd();
  }

  @Test
  void aHandshakeThatIsHugeIsUnreachable() throws IOException {
    dial();
    Peer peer = server.accept();
    inBackground(
        () -> {
          peer.write("HTTP/1.1 101 Switching Protocols\r\n");
          for (int i = 0; i < 1_000; i++) {
            peer.write("X-Filler-" + i + ": " + "x".repeat(1_000) + "\r\n");
          }
        });
    assertThat(events.next()).startsWith("unreachable");
  }

  /** Each may reach the limit, and the client would keep the fields of all. */
  @ParameterizedTest
  @ValueSource(ints = {100, 102, 103})
  void anInterimAnswerEndsTheDial(int status) throws IOException {
    dial();
    Peer peer = server.accept();
    peer.write("HTTP/1.1 " + status + " Wait\r\nLink: </a.css>\r\n\r\n");
    assertThat(events.next()).isEqualTo("refused " + status);
    peer.awaitEnd();
  }

  /** 16 KiB of them would occupy half a megabyte. */
  @Test
  void aHandshakeOfManyFieldsIsUnreachable() throws IOException {
    dial();
    Peer peer = server.accept();
    peer.upgradeWith("A: b\r\n".repeat(100) + "A: b");
    assertThat(events.next()).startsWith("unreachable");
    peer.awaitEnd();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: bm90IHRoZSByaWdodCBvbmU=\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "\u0000\u0001\u0002\u0003\r\n\r\n",
        "HTTP/1.1 99999 What\r\n\r\n"
      })
  void anAnswerThatIsNoUpgradeIsNoConnection(String answer) throws IOException {
    dial();
    Peer peer = server.accept();
    peer.write(answer);
    assertThat(events.next()).matches("(unreachable|refused) .*");
    peer.awaitEnd();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-WebSocket-Protocol: something-else",
        "Sec-WebSocket-Protocol: actioncable-v1-json, actioncable-v1-json",
        "Sec-WebSocket-Extensions: permessage-deflate"
      })
  void anUpgradeToWhatWasNotAskedForIsNoConnection(String header) throws IOException {
    dial();
    Peer peer = server.accept();
    peer.upgradeWith(header);
    assertThat(events.next()).isEqualTo("unreachable it doesn't answer as a WebSocket server does");
    peer.awaitEnd();
  }

  @Test
  void anUpgradeWithoutASubprotocolIsTold() throws IOException {
    dial();
    server.accept().upgradeWith("X-Nothing: special");
    assertThat(events.next()).isEqualTo("opened ");
  }

  @Test
  void aServerThatHangsUpWithoutAnswerIsUnreachable() throws IOException {
    dial();
    server.accept().close();
    assertThat(events.next()).isEqualTo("unreachable connection lost");
  }

  @Test
  void aDialThatNobodyAnswersCanBeGivenUp() throws IOException {
    CableSocket socket = dial();
    Peer peer = server.accept();
    socket.abort();
    peer.awaitEnd();
    assertThat(events.next()).startsWith("unreachable");
  }

  @Test
  void anUpgradeThatComesTogetherWithTheFirstFramesLosesNone() throws IOException {
    CableSocket socket = dial();
    Peer peer = opened();
    peer.frame(FIN | TEXT, "a").frame(FIN | TEXT, "b");
    socket.demand();
    assertThat(events.next()).isEqualTo("text a");
    socket.demand();
    assertThat(events.next()).isEqualTo("text b");
  }

  private CableSocket dial() {
    return dialer.dial(
        server.url(),
        List.of(new Header("Origin", "https://app.example")),
        List.of("actioncable-v1-json"),
        events);
  }

  private Peer opened() throws IOException {
    Peer peer = server.acceptAndUpgrade();
    assertThat(events.next()).isEqualTo("opened actioncable-v1-json");
    return peer;
  }

  private interface Writing {
    void run() throws IOException;
  }

  private static CompletableFuture<Void> inBackground(Writing writing) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            writing.run();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> new Thread(task, "hostile-server").start());
  }
}
