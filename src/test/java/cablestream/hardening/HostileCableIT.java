package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.hardening.CableServer.Behaviour;
import cablestream.support.RawWebSocketServer;
import cablestream.support.RawWebSocketServer.Peer;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hostile Action Cable server, whose other sessions work meanwhile. */
@InTomcatAndJetty
class HostileCableIT extends Attacks {
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CONTINUATION = 0x0;
  private static final int FIN = 0x80;
  private static final String MIB = "x".repeat(1 << 20);

  /** KiB of heap that an attack may occupy: a message of 16 MiB that grows by doubling. */
  private static final long MAX_KIB = 64 * 1_024;

  HostileCableIT(Container container) {
    super(Victim.usual(container));
  }

  private Visitor attackedBy(Behaviour attack) {
    String name = "attack-" + System.nanoTime();
    cable.attack(name, attack);
    return victim.attackedBy(name);
  }

  private interface Saying {
    void by(CableSession session, Peer peer) throws IOException;
  }

  /**
   * Listens to a server that sends this after the subscription, and behaves correctly from then on.
   */
  private EventStream listenTo(Saying saying) {
    return attackedBy(
            peer -> {
              CableSession session = new CableSession(peer);
              session.greet();
              session.obeyOnce();
              saying.by(session, peer);
              session.message(CableSession.ECHO, "\"next\"");
              session.obey(ignored -> {});
            })
        .listenTo(CableSession.ECHO);
  }

  private static void assertGoesOn(EventStream stream) {
    assertThat(stream.next(Duration.ofSeconds(30)).json().getString("message")).isEqualTo("next");
  }

  private static void assertGap(EventStream stream) {
    StreamedEvent gap = stream.next(Duration.ofSeconds(30));
    assertThat(gap.type()).isEqualTo("gap");
    assertThat(gap.json().getInt("dropped")).isEqualTo(1);
  }

  // ---- frames ----

  @Test
  void anEndlessFrame() throws IOException {
    long before = victim.bridge().memory().heap();
    CompletableFuture<Integer> written = new CompletableFuture<>();
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              // The frame announces 2 GiB less one byte; 256 MiB of them arrive.
              peer.write((byte) (FIN | TEXT), (byte) 127);
              peer.write((byte) 0, (byte) 0, (byte) 0, (byte) 0);
              peer.write((byte) 0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF);
              for (int i = 0; i < 256; i++) {
                peer.write(MIB);
              }
              written.complete(256);
            })) {
      assertGap(stream);
      assertThat(written).succeedsWithin(Duration.ofSeconds(60));
      assertThat(victim.bridge().memory().heap() - before).isLessThan(MAX_KIB);
    }
  }

  @Test
  void fragmentsWithoutEnd() throws IOException {
    long before = victim.bridge().memory().heap();
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              peer.frame(TEXT, MIB);
              for (int i = 0; i < 256; i++) {
                peer.frame(CONTINUATION, MIB);
              }
              peer.frame(FIN | CONTINUATION, "");
            })) {
      assertGap(stream);
      assertGoesOn(stream);
      assertThat(victim.bridge().memory().heap() - before).isLessThan(MAX_KIB);
    }
  }

  @Test
  void aHundredThousandFragmentsOfNothing() throws IOException {
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              peer.frame(TEXT, "{\"identifier\":" + CableSession.quoted(CableSession.ECHO));
              byte[] empty = new byte[2 * 100_000];
              peer.write(empty);
              peer.frame(FIN | CONTINUATION, ",\"message\":1}");
            })) {
      assertThat(stream.next("received").json().getInt("message")).isEqualTo(1);
      assertGoesOn(stream);
    }
  }

  @Test
  void aHundredThousandConfirmationsNeverAskedFor() throws IOException {
    long before = victim.bridge().memory().heap();
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              for (int i = 0; i < 100_000; i++) {
                String identifier = "{\\\"channel\\\":\\\"C\\\",\\\"n\\\":" + i + "}";
                session.say(
                    "{\"identifier\":\"" + identifier + "\",\"type\":\"confirm_subscription\"}");
              }
            })) {
      assertGoesOn(stream);
      assertThat(victim.bridge().memory().heap() - before).isLessThan(2_048);
    }
  }

  @Test
  void confirmationsRejectionsAndMessagesOfOthersSubscriptions() throws IOException {
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              String other = CableSession.quoted(CableSession.NUMBERS);
              session.say("{\"identifier\":" + other + ",\"type\":\"confirm_subscription\"}");
              session.say("{\"identifier\":" + other + ",\"type\":\"reject_subscription\"}");
              session.message(CableSession.NUMBERS, "[1,1]");
              session.say("{\"type\":\"welcome\"}");
              session.say("{\"type\":\"confirm_subscription\"}");
              session.say("{\"identifier\":7,\"message\":1}");
              session.say("{}");
            })) {
      assertGoesOn(stream);
    }
  }

  @Test
  void binaryFrames() throws IOException {
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              peer.frame(FIN | BINARY, "{\"type\":\"ping\"}");
              peer.frame(BINARY, MIB).frame(FIN | CONTINUATION, MIB);
            })) {
      assertGap(stream);
      assertGap(stream);
      assertGoesOn(stream);
    }
  }

  @Test
  void badUtf8() throws IOException {
    List<String> bad = List.of("\u00ff", "\u00c0\u0080", "\u00c3", "\u00ed\u00a0\u0080");
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              for (String bytes : bad) {
                // In the message, and in a member's name.
                latin1(peer, "{\"identifier\":\"{}\",\"message\":\"" + bytes + "\"}");
                latin1(peer, "{\"" + bytes + "\":1}");
              }
            })) {
      for (int i = 0; i < 2 * bad.size(); i++) {
        assertGap(stream);
      }
      assertGoesOn(stream);
    }
  }

  private static void latin1(Peer peer, String text) throws IOException {
    peer.write((byte) (FIN | TEXT), (byte) text.length()).write(text);
  }

  @Test
  void framesThatAreNoJson() throws IOException {
    List<String> frames =
        List.of("", "[]", "null", "{", "{\"a\":}", "{} {}", "{\"a\":01}", "{'a':1}", "\uFEFF{}");
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              for (String frame : frames) {
                peer.frame(FIN | TEXT, frame);
              }
            })) {
      for (int i = 0; i < frames.size(); i++) {
        assertGap(stream);
      }
      assertGoesOn(stream);
    }
  }

  @Test
  void aMillionBrackets() throws IOException {
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              session.message(CableSession.ECHO, "[".repeat(1_000_000) + "]".repeat(1_000_000));
              session.message(CableSession.ECHO, "[".repeat(1_000_000));
            })) {
      assertGap(stream);
      assertGap(stream);
      assertGoesOn(stream);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0081\u0080\0\0\0\0", // masked, which is forbidden for a server
        "\u0083\0", // an undefined opcode
        "\u00c1\0", // a bit of an extension that wasn't negotiated
        "\u0080\0", // a continuation without a beginning
        "\u0089\u007e\0\u007e", // a ping that is too long
        "\u0081\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", // a negative length
        "\u0081\u007f\u0040\0\0\0\0\0\0\0", // a length that exceeds any memory
      })
  void framesThatBreakTheProtocol(String bytes) throws IOException {
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              peer.write(bytes + "x".repeat(200));
              peer.awaitEnd();
            })) {
      // The cable is lost and dialled again, with the same result.
      assertThat(stream.next("disconnected").json().getJsonObject("message").getString("reason"))
          .isEqualTo("lost");
      stream.next("connected");
    }
  }

  @Test
  void aFloodOfPings() throws IOException {
    long before = victim.bridge().memory().heap();
    String ping = "\u0089\u007d" + "x".repeat(125);
    try (EventStream stream =
        listenTo(
            (session, peer) -> {
              for (int i = 0; i < 200; i++) {
                peer.write(ping.repeat(1_000));
              }
            })) {
      assertGoesOn(stream);
      assertThat(victim.bridge().memory().heap() - before).isLessThan(8_192);
    }
  }

  // ---- the handshake ----

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectToElsewhere(int status) throws IOException {
    RawWebSocketServer elsewhere = new RawWebSocketServer();
    CompletableFuture<String> followed = CompletableFuture.supplyAsync(() -> caller(elsewhere));
    String location = elsewhere.url().toString().replace("ws:", "http:") + "?token=secret";
    Visitor visitor =
        attackedBy(
            peer ->
                peer.write(
                    "HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
                        .formatted(status, location)));
    RawResponse answer = visitor.stream("").send();
    elsewhere.close();

    assertRefused(answer, 502);
    assertThat(answer.text()).contains("" + status).doesNotContain("secret");
    // The caller's cookies would have been sent there.
    assertThat(followed.join()).isEqualTo("nobody");
  }

  private static String caller(RawWebSocketServer server) {
    try (Peer peer = server.accept()) {
      return peer.request();
    } catch (IOException e) {
      return "nobody";
    }
  }

  @Test
  void aHugeHandshakeResponse() throws IOException {
    long before = victim.bridge().memory().heap();
    Visitor visitor =
        attackedBy(
            peer -> {
              peer.write("HTTP/1.1 101 Switching Protocols\r\n");
              for (int i = 0; i < 256; i++) {
                peer.write("X-" + i + ": " + MIB + "\r\n");
              }
            });
    assertRefused(visitor.stream("").send(), 502);
    assertThat(victim.bridge().memory().heap() - before).isLessThan(8_192);
  }

  @Test
  void aRefusalWithAnEndlessBody() throws IOException {
    long before = victim.bridge().memory().heap();
    Visitor visitor =
        attackedBy(
            peer -> {
              peer.write("HTTP/1.1 500 No\r\nContent-Length: 99999999999\r\n\r\n");
              for (int i = 0; i < 256; i++) {
                peer.write(MIB);
              }
            });
    assertRefused(visitor.stream("").send(), 502);
    assertThat(victim.bridge().memory().heap() - before).isLessThan(8_192);
  }

  @Test
  void aHandshakeThatDrips() {
    Visitor visitor =
        attackedBy(
            peer -> {
              peer.write("HTTP/1.1 101 Switching Protocols\r\nX: ");
              while (true) {
                peer.write("x");
                pause();
              }
            });
    long before = System.nanoTime();
    assertRefused(visitor.stream("").send(), 504);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void aWelcomeThatNeverComesWhileOtherFramesDo() {
    Visitor visitor =
        attackedBy(
            peer -> {
              peer.upgrade();
              while (true) {
                peer.frame(FIN | TEXT, "{\"type\":\"ping\"}").frame(FIN | TEXT, "no");
                pause();
              }
            });
    assertRefused(visitor.stream("").send(), 504);
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: bm90IHRoZSByaWdodCBvbmU=\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {}\n\n",
        "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=a\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 99999 What\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "\0\0\0\0\r\n\r\n"
      })
  void anAnswerThatIsNoUpgrade(String answer) {
    Visitor visitor =
        attackedBy(
            peer -> {
              peer.write(answer);
              peer.awaitEnd();
            });
    RawResponse refused = visitor.stream("").send();
    assertThat(refused.status()).isIn(403, 502);
    assertRefused(refused, refused.status());
    assertThat(refused.header("www-authenticate")).isEmpty();
    // Requested once: nothing was repeated with the caller's credentials.
    assertThat(cable.requests(visitor.query())).hasSize(1);
  }

  @Test
  void anExtensionAndASubprotocolThatNobodyAskedFor() {
    for (String header :
        List.of(
            "Sec-WebSocket-Extensions: permessage-deflate",
            "Sec-WebSocket-Protocol: actioncable-v1-json, evil",
            "Sec-WebSocket-Protocol: evil")) {
      Visitor visitor = attackedBy(peer -> peer.upgradeWith(header).awaitEnd());
      assertRefused(visitor.stream("").send(), 502);
    }
  }

  // ---- a tunnel ----

  @Test
  void inATunnelWhatCannotBeCarriedClosesIt() throws IOException {
    List<Behaviour> attacks =
        List.of(
            peer -> latin1(peer, "\u00ff"),
            peer -> peer.frame(FIN | BINARY, "binary"),
            peer -> {
              for (int i = 0; i < 18; i++) {
                peer.frame(i == 0 ? TEXT : CONTINUATION, MIB);
              }
            });
    for (Behaviour attack : attacks) {
      Visitor visitor =
          attackedBy(
              peer -> {
                CableSession session = new CableSession(peer);
                session.greet();
                attack.on(peer);
                peer.awaitEnd();
              });
      try (EventStream stream = visitor.stream("protocol=actioncable-v1-json").listen()) {
        assertThat(stream.next().name()).isEqualTo("opened");
        stream.next("welcome");
        StreamedEvent close = stream.next();
        assertThat(close.name()).isEqualTo("close");
        assertThat(close.json().getInt("code")).isIn(1003, 1007, 1009);
        stream.expectEnd();
      }
    }
  }
}
