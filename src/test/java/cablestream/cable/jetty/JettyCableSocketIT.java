package cablestream.cable.jetty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.cable.CableSocket;
import cablestream.cable.DialRequest.Header;
import cablestream.cable.RecordingEvents;
import cablestream.memory.Account;
import cablestream.support.CableServerConnection;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.FreePort;
import cablestream.support.InProcessActionCable;
import cablestream.support.RawWebSocketServer;
import cablestream.support.ServerSocketFrames;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The adapter with a correct server; {@link HostileCableServerIT} has the others. */
class JettyCableSocketIT {
  private static final List<String> PROTOCOLS =
      List.of("actioncable-v1-json", "actioncable-unsupported");

  private final InProcessActionCable rails = InProcessActionCable.start().saysNothing();
  private final JettyCableDialer dialer =
      new JettyCableDialer(Defaults.cable(rails.url()), new FakeTimers(), Account.ofHeap());
  private final RecordingEvents events = new RecordingEvents();

  @AfterEach
  void close() {
    dialer.close();
    rails.close();
  }

  @Test
  void theHeadersGivenAreTheHeadersSent() {
    dial(
        new Header("Host", "app.example:8443"),
        new Header("Origin", "https://app.example"),
        new Header("Cookie", "a=1; b=2; _session=x%2Fy--z=="),
        new Header("User-Agent", "Mozilla/5.0 (curious)"),
        new Header("Accept-Language", "cs,en;q=0.5"),
        new Header("Authorization", "Bearer t.o.k"),
        new Header("X-Forwarded-For", "192.0.2.1, 198.51.100.2"),
        new Header("X-Forwarded-Proto", "https"));
    CableServerConnection seen = rails.awaitConnection();
    assertThat(seen.headers("Host")).containsExactly("app.example:8443");
    assertThat(seen.headers("Origin")).containsExactly("https://app.example");
    assertThat(seen.headers("Cookie")).containsExactly("a=1; b=2; _session=x%2Fy--z==");
    assertThat(seen.headers("User-Agent")).containsExactly("Mozilla/5.0 (curious)");
    assertThat(seen.headers("Accept-Language")).containsExactly("cs,en;q=0.5");
    assertThat(seen.headers("Authorization")).containsExactly("Bearer t.o.k");
    assertThat(seen.headers("X-Forwarded-For")).containsExactly("192.0.2.1, 198.51.100.2");
    assertThat(seen.headers("X-Forwarded-Proto")).containsExactly("https");
    assertThat(String.join(",", seen.headers("Sec-WebSocket-Protocol")).replace(" ", ""))
        .isEqualTo("actioncable-v1-json,actioncable-unsupported");
    assertThat(seen.header("Sec-WebSocket-Extensions")).as("no compression").isNull();
  }

  @Test
  void noHeaderIsMadeUp() {
    dial();
    CableServerConnection seen = rails.awaitConnection();
    assertThat(seen.headerNames())
        .doesNotContain("Origin", "User-Agent", "Accept", "Accept-Encoding", "Cookie")
        .contains("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version");
    assertThat(seen.header("Host")).isEqualTo(rails.url().getAuthority());
  }

  @Test
  void aValueOutsideAsciiIsSentInTheBytesItCameIn() throws IOException {
    // A container decodes a header as ISO 8859-1, whatever encoding the browser used.
    String bytes = new String("žluť".getBytes(UTF_8), ISO_8859_1);
    try (RawWebSocketServer server = new RawWebSocketServer()) {
      List<Header> headers = List.of(new Header("Cookie", "a=" + bytes));
      dialer.dial(server.url(), headers, PROTOCOLS, events);
      assertThat(server.accept().request()).contains("Cookie: a=" + bytes + "\r\n");
    }
  }

  @Test
  void sixteenKilobytesOfCookiesGetThrough() {
    String cookies = "c=" + "x".repeat(16 * 1024);
    dial(new Header("Cookie", cookies));
    assertThat(events.next()).isEqualTo("opened actioncable-v1-json");
    assertThat(rails.awaitConnection().header("Cookie")).isEqualTo(cookies);
  }

  @Test
  void theQueryIsSentByteForByte() {
    String query = "token=a%2Bb%3d%3D+c&ids[]=1&&empty=&flag&u=%C5%BE";
    dialer.dial(URI.create(rails.url() + "?" + query), List.of(), PROTOCOLS, events);
    assertThat(rails.awaitConnection().query()).isEqualTo(query);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 400, 401, 403, 404, 407, 426, 500, 503})
  void aRefusalTellsItsStatus(int status) {
    rails.refusesWith(status);
    dial();
    assertThat(events.next()).isEqualTo("refused " + status);
    dial();
    assertThat(events.next()).isEqualTo("refused " + status);
  }

  @Test
  void aRedirectTellsItsLocationAndIsNotFollowed() {
    rails.redirectsTo("http://127.0.0.1:" + rails.url().getPort() + "/elsewhere?secret");
    dial();
    assertThat(events.next())
        .isEqualTo("refused 301 http://127.0.0.1:" + rails.url().getPort() + "/elsewhere?secret");
    assertThat(rails.refusals()).hasSize(1);
  }

  @Test
  void nothingListeningIsUnreachable() {
    int port = FreePort.find();
    dialer.dial(URI.create("ws://127.0.0.1:" + port + "/cable"), List.of(), PROTOCOLS, events);
    assertThat(events.next()).isEqualTo("unreachable connection refused");
  }

  @Test
  void anUnknownHostIsUnreachable() {
    dialer.dial(URI.create("ws://no.such.host.invalid/cable"), List.of(), PROTOCOLS, events);
    assertThat(events.next()).isEqualTo("unreachable unknown host");
  }

  @Test
  void aServerWithoutTlsIsUnreachableByTls() {
    URI url = URI.create("wss://127.0.0.1:" + rails.url().getPort() + "/cable");
    dialer.dial(url, List.of(), PROTOCOLS, events);
    assertThat(events.next()).startsWith("unreachable ");
  }

  @Test
  void aSubprotocolThatWasNotAskedForIsNoAnswer() {
    dialer.dial(rails.url(), List.of(), List.of("other"), events);
    assertThat(events.next()).isEqualTo("opened ");
  }

  @Test
  void cookiesThatAreSetForOneCallerDoNotReachAnother() throws Exception {
    try (RawWebSocketServer server = new RawWebSocketServer()) {
      dialer.dial(server.url(), List.of(), PROTOCOLS, events);
      server
          .accept()
          .write(
              "HTTP/1.1 403 Forbidden\r\n"
                  + "Set-Cookie: stolen=1; Path=/\r\n"
                  + "Content-Length: 0\r\n\r\n");
      assertThat(events.next()).isEqualTo("refused 403");
      dialer.dial(server.url(), List.of(new Header("Cookie", "own=1")), PROTOCOLS, events);
      String request = server.accept().request();
      assertThat(request).contains("own=1").doesNotContain("stolen");
    }
  }

  @Test
  void aTextIsToldForEachDemand() {
    CableSocket socket = opened();
    CableServerConnection seen = rails.awaitConnection();
    seen.say("one").say("two").say("žluťoučký 🐎");
    socket.demand();
    assertThat(events.next()).isEqualTo("text one");
    assertThat(events.isEmpty()).isTrue();
    socket.demand();
    assertThat(events.next()).isEqualTo("text two");
    socket.demand();
    assertThat(events.next()).isEqualTo("text žluťoučký 🐎");
  }

  @Test
  void whatHasComeIsUnreadUntilItIsDemanded() {
    CableSocket socket = opened();
    assertThat(socket.hasUnread()).isFalse();
    rails.awaitConnection().say("one");
    await().until(socket::hasUnread);
    socket.demand();
    assertThat(events.next()).isEqualTo("text one");
    assertThat(socket.hasUnread()).isFalse();
    socket.close(1000, "");
    assertThat(events.next()).startsWith("closed");
    assertThat(socket.hasUnread()).isFalse();
  }

  @Test
  void fourMegabytesComeByteForByte() {
    CableSocket socket = opened();
    String text = "{\"message\":\"" + "žluťoučký kůň 🐎 ".repeat(200_000) + "\"}";
    assertThat(text.getBytes(UTF_8).length).isGreaterThan(4 << 20);
    rails.awaitConnection().say(text);
    int before = socket.progress();
    socket.demand();
    assertThat(events.next()).isEqualTo("text " + text.getBytes(UTF_8).length);
    assertThat(new String(events.message, UTF_8)).isEqualTo(text);
    assertThat(socket.progress()).as("it came in parts").isNotEqualTo(before);
  }

  @Test
  void fragmentsAreOneText() {
    CableSocket socket = opened();
    CableServerConnection seen = rails.awaitConnection();
    CompletableFuture<Void> said =
        CompletableFuture.runAsync(() -> seen.sayInParts("a", "", "b".repeat(10_000), "", "c"));
    socket.demand();
    assertThat(events.next()).isEqualTo("text 10002");
    assertThat(new String(events.message, UTF_8)).isEqualTo("a" + "b".repeat(10_000) + "c");
    said.join();
    seen.say("next");
    socket.demand();
    assertThat(events.next()).isEqualTo("text next");
  }

  @Test
  void anEmptyTextIsAText() {
    CableSocket socket = opened();
    rails.awaitConnection().say("");
    socket.demand();
    assertThat(events.next()).isEqualTo("text ");
  }

  @Test
  void aBinaryFrameIsUnreadableAndTheNextTextIsRead() {
    CableSocket socket = opened();
    rails.awaitConnection().sayInBinary(new byte[100_000]).say("next");
    socket.demand();
    assertThat(events.next()).isEqualTo("unreadable 1003 a binary frame");
    socket.demand();
    assertThat(events.next()).isEqualTo("text next");
  }

  @Test
  void pingsOfWebSocketAreAnsweredAndUseUpNoDemand() {
    CableSocket socket = opened();
    rails.awaitConnection().pingWebSocket("are you there").say("text");
    socket.demand();
    assertThat(events.next()).isEqualTo("text text");
  }

  @Test
  void textsAreSentInOrder() {
    CableSocket socket = opened();
    CableServerConnection seen = rails.awaitConnection();
    List<CompletableFuture<String>> done = new ArrayList<>();
    List<String> texts = List.of("a", "žluť 🐎", "c".repeat(200_000), "");
    for (String text : texts) {
      CompletableFuture<String> why = new CompletableFuture<>();
      done.add(why);
      socket.send(text.getBytes(UTF_8), why::complete);
    }
    for (String text : texts) {
      assertThat(seen.awaitFrame()).isEqualTo(text);
    }
    assertThat(done).allSatisfy(why -> assertThat(why.get(10, TimeUnit.SECONDS)).isNull());
  }

  @Test
  void aCloseReachesTheServerAfterWhatWasSent() {
    CableSocket socket = opened();
    CableServerConnection seen = rails.awaitConnection();
    socket.send("last words".getBytes(UTF_8), why -> {});
    socket.close(1001, "draining");
    assertThat(seen.awaitFrame()).isEqualTo("last words");
    assertThat(seen.awaitClose()).isEqualTo(new CableServerConnection.Close(1001, "draining"));
    assertThat(events.next()).isEqualTo("closed 1001 draining");
  }

  @Test
  void aCloseIsCleanWhetherSomethingIsDemandedOrNot() {
    for (boolean demanded : new boolean[] {false, true}) {
      CableSocket socket = opened();
      CableServerConnection seen = rails.awaitConnection();
      seen.say("unread");
      if (demanded) {
        socket.demand();
        assertThat(events.next()).isEqualTo("text unread");
        socket.demand();
      }
      socket.close(1000, "");
      assertThat(seen.awaitClose().code()).isEqualTo(1000);
      assertThat(events.next()).as("demanded: %s", demanded).isEqualTo("closed 1000");
    }
  }

  @Test
  void aCloseOfTheServersIsTold() {
    CableSocket socket = opened();
    rails.awaitConnection().close(4001, "go away");
    socket.demand();
    assertThat(events.next()).isEqualTo("closed 4001 go away");
    socket.close(1000, "");
    socket.abort();
    assertThat(events.isEmpty()).isTrue();
  }

  @Test
  void aConnectionThatIsCutIsTold() {
    CableSocket socket = opened();
    socket.demand();
    rails.awaitConnection().cut();
    assertThat(events.next()).startsWith("closed 1006");
  }

  @Test
  void whatCanNotBeSentIsTold() {
    CableSocket socket = opened();
    socket.demand();
    rails.awaitConnection().cut();
    assertThat(events.next()).startsWith("closed 1006");
    CompletableFuture<String> why = new CompletableFuture<>();
    socket.send("late".getBytes(UTF_8), why::complete);
    assertThat(why.join()).isEqualTo("the cable is down");
  }

  @Test
  void anAbortedDialIsNeverOpened() {
    List<RecordingEvents> unopened = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RecordingEvents mine = new RecordingEvents();
      CableSocket socket = dialer.dial(rails.url(), List.of(), PROTOCOLS, mine);
      socket.abort();
      String told = mine.next();
      if (told.startsWith("opened")) {
        told = mine.next(); // the upgrade came first: then it is closed
        assertThat(told).startsWith("closed");
      } else {
        assertThat(told).startsWith("unreachable");
        unopened.add(mine);
      }
    }
    await().until(() -> rails.openConnections() == 0);
    assertThat(unopened).allMatch(RecordingEvents::isEmpty);
  }

  @Test
  void whatWasReadWithAMessageBeforeAnAbortIsNotTold() throws Exception {
    CompletableFuture<CableSocket> dialled = new CompletableFuture<>();
    RecordingEvents aborting =
        new RecordingEvents() {
          @Override
          public void text(byte[] message) {
            super.text(message);
            dialled.join().abort();
          }
        };
    try (RawWebSocketServer server = new RawWebSocketServer()) {
      CableSocket socket = dialer.dial(server.url(), List.of(), PROTOCOLS, aborting);
      dialled.complete(socket);
      int text = ServerSocketFrames.FINAL | ServerSocketFrames.TEXT;
      server.acceptAndUpgrade().frame(text, "one").frame(text, "two").frame(text, "three");
      assertThat(aborting.next()).startsWith("opened");
      socket.demand();
      assertThat(aborting.next()).isEqualTo("text one");
      assertThat(aborting.next()).startsWith("closed");
    }
  }

  @Test
  void withoutDemandTheServersWritesStall() {
    opened();
    CableServerConnection seen = rails.awaitConnection();
    String kilobytes = "x".repeat(64 * 1024);
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (int i = 0; i < 512; i++) { // 32 MB, more than the buffers of both sockets
      writes.add(seen.send(kilobytes));
    }
    await()
        .during(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(10))
        .until(() -> writes.stream().filter(CompletableFuture::isDone).count() < 400);
    assertThat(events.isEmpty()).isTrue();
  }

  @Test
  void aDemandAfterAStallLetsTheServerGoOn() {
    CableSocket socket = opened();
    CableServerConnection seen = rails.awaitConnection();
    String kilobytes = "x".repeat(64 * 1024);
    CompletableFuture<Void> last = null;
    for (int i = 0; i < 512; i++) {
      last = seen.send(kilobytes);
    }
    for (int i = 0; i < 512; i++) {
      socket.demand();
      assertThat(events.next()).isEqualTo("text 65536");
    }
    assertThat(last).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void framesAreToldOnThreadsOfTheCablesName() {
    CableSocket socket = opened();
    rails.awaitConnection().say("a");
    socket.demand();
    assertThat(events.next()).isEqualTo("text a");
    assertThat(events.thread.getName()).startsWith("cablestream-cable-");
    assertThat(events.thread.isDaemon()).isTrue();
  }

  @Test
  void noThreadIsLeftWhenTheDialerIsClosed() {
    for (int i = 0; i < 20; i++) {
      opened().demand();
    }
    assertThat(threads()).isNotEmpty();
    dialer.close();
    assertThat(threads()).isEmpty();
    await().until(() -> rails.openConnections() == 0);
  }

  @Test
  void aClosedDialerReachesNobody() {
    dialer.close();
    dial();
    assertThat(events.next()).startsWith("unreachable");
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.contains("cablestream-cable"))
        .toList();
  }

  private CableSocket opened() {
    CableSocket socket = dial();
    assertThat(events.next()).isEqualTo("opened actioncable-v1-json");
    return socket;
  }

  private CableSocket dial(Header... headers) {
    return dialer.dial(rails.url(), List.of(headers), PROTOCOLS, events);
  }
}
