package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.RawWebSocketServer.Peer;
import cablestream.support.ServerSocketFrames;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Line breaks, NUL and fields of HTTP, of event streams and of the log, in all values that a
 * browser or a server can choose.
 */
@InTomcatAndJetty
class InjectionIT extends Attacks {
  private static final Duration QUIET = Duration.ofMillis(300);

  /** All kinds of line breaks, each with a field after it. */
  private static final String FIELDS =
      "\\r\\nevent: closed\\r\\ndata: {}\\n\\nid: 0\\rretry: 1\\u0000\\u2028\\u0085";

  InjectionIT(Container container) {
    super(Victim.usual(container));
  }

  // ---- from the browser ----

  @Test
  void headersThroughTheId() throws IOException {
    Visitor visitor = victim.visitor();
    for (String id : List.of("%0d%0aX-Injected:%201", "%00", "%E5%98%8A%E5%98%8DX-Injected:1")) {
      RawResponse answer = visitor.withId(visitor.id() + id).stream("").send();
      assertThat(answer.status()).isEqualTo(400);
      assertNothingInjected(answer);
    }
    for (String raw : List.of("\0", "\r", "\n", "\t")) {
      assertHarmless("GET " + visitor.path() + raw + " HTTP/1.1\r\n");
    }
  }

  @Test
  void headersThroughTheQuery() throws IOException {
    // Percent-encoded, it is passed unchanged to the server, which has to handle it.
    Visitor visitor = victim.visitor().withQuery("token=%0d%0aX-Injected:%201%00");
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      assertNothingInjected(stream.response());
    }
    List<String> dials = cable.requests(visitor.header("Cookie"));
    assertThat(dials).hasSize(1);
    assertThat(dials.get(0)).startsWith("GET /cable?" + visitor.query() + " HTTP/1.1\r\n");
    assertThat(ServerSocketFrames.header(dials.get(0), "X-Injected")).isEmpty();
    for (String raw : List.of("\0", "\r", "\n")) {
      assertHarmless("GET " + visitor.path() + "?a=" + raw + "b HTTP/1.1\r\n");
    }
  }

  @Test
  void headersThroughTheBridgesOwnParameters() {
    Visitor visitor = victim.visitor();
    String line = "%0d%0aX-Injected:%201%00";
    for (String name : List.of("timeout", "poll-queue", "ping", "protocol", "session-id")) {
      RawResponse answer = visitor.stream(name + "=1" + line).send();
      assertRefused(answer, 400);
      assertNothingInjected(answer);
    }
    for (String bad : List.of("%", "%0", "%zz", "%ff", "%c0%80", "%ed%a0%80")) {
      assertRefused(visitor.stream("last-event-id=" + bad).send(), 400);
    }
  }

  @Test
  void fieldsThroughTheCursor() {
    Visitor visitor = victim.visitor();
    try (EventStream stream =
        visitor.stream("last-event-id=x%0a%0aevent:closed%0adata:1%00-1").listen()) {
      StreamedEvent joined = stream.next("joined");
      assertThat(joined.json().getBoolean("resumed")).isFalse();
      assertThat(joined.id()).matches("[0-9A-Za-z]{16}-0");
      visitor.subscribe(CableSession.ECHO);
      assertThat(stream.skipTo("connected").name()).isEqualTo("message");
    }
  }

  @Test
  void headersThroughTheOriginAndTheCookie() throws IOException {
    for (String header :
        List.of("Origin", "Cookie", "Authorization", "User-Agent", "Last-Event-ID")) {
      for (String bad : List.of("a\0b", "a\rX-Injected: 1", "a\u007fb", "a\u0001b")) {
        assertRefusedOrHarmless(header, bad);
      }
    }
  }

  /** A container may accept some control characters, or drop the header. */
  private void assertRefusedOrHarmless(String header, String value) throws IOException {
    Visitor visitor = victim.visitor();
    String mark = visitor.id();
    String head =
        "GET %s?timeout=0&mark=%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s: %s\r\n\r\n"
            .formatted(visitor.path(), mark, victim.port(), header, value);
    try (Connection connection = new Connection(victim).write(head)) {
      for (RawResponse answer : connection.answers(QUIET)) {
        assertNothingInjected(answer);
      }
    }
    for (String dial : cable.requests(mark)) {
      assertThat(ServerSocketFrames.header(dial, "X-Injected")).isEmpty();
      assertThat(dial.replace("\r\n", "")).doesNotMatch("(?s).*[\\x00-\\x08\\x0A-\\x1F\\x7F].*");
    }
  }

  @Test
  void fieldsThroughTheIdentifier() {
    Visitor visitor = victim.visitor();
    String identifier = "{\"channel\":\"Echo\",\"" + FIELDS + "\":\"" + FIELDS + "\"}";
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      visitor.subscribe(identifier);
      StreamedEvent connected = stream.next("connected");
      assertThat(connected.name()).isEqualTo("message");
      assertThat(connected.json().getJsonObject("identifier"))
          .isEqualTo(new StreamedEvent("", "", identifier).json());
      assertThat(Integer.parseInt(stream.retry())).isBetween(500, 1_000);
    }
  }

  @Test
  void aCommandThroughTheIdentifier() {
    // The identifier is a string in the frame: characters that close a string must not close it
    // there.
    Visitor visitor = victim.visitor();
    String inner = "\\\"}\\\",\\\"command\\\":\\\"message\\\",\\\"data\\\":\\\"" + visitor.id();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      visitor.subscribe("{\"channel\":\"" + inner + "\"}");
      stream.next("connected");
    }
    assertThat(cable.commands(visitor.id()))
        .isNotEmpty()
        .allSatisfy(
            frame -> {
              JsonObject command = new StreamedEvent("", "", frame).json();
              assertThat(command.keySet()).containsExactlyInAnyOrder("command", "identifier");
              assertThat(command.getString("command")).isEqualTo("subscribe");
            });
  }

  @Test
  void fieldsThroughAnIdempotencyKey() throws IOException {
    Visitor visitor = victim.visitor();
    try (EventStream stream = visitor.listenTo(CableSession.ECHO)) {
      String body = "[{\"identifier\":" + CableSession.ECHO + ",\"send\":{\"a\":1}}]";
      RawResponse answer =
          visitor.request("POST", "idempotency-key=%0d%0aX-Injected:%201%00").body(body).send();
      assertThat(answer.status()).isEqualTo(200);
      assertNothingInjected(answer);
      stream.next("received");
    }
  }

  @Test
  void linesOfTheLog() {
    Visitor visitor = victim.visitor();
    String forged = "event=session_closed%0aevent=session_closed";
    visitor.stream("last-event-id=" + forged)
        .header("User-Agent", "event=planted")
        .listen()
        .close();
    visitor.withId("event=planted").postBody("[]");
    visitor.postBody("event=planted");
    assertThat(victim.bridge().log()).doesNotContain("planted").doesNotContain(visitor.id());
  }

  // ---- from the server ----

  @Test
  void fieldsThroughAMessage() throws IOException {
    String message = "{\"a\":\r\n\r\"event: closed\\n\",\n\n\r\r\n\"b\" :\t\"" + FIELDS + "\"\n}";
    cable.attack(
        "message",
        peer -> afterSubscribe(peer, session -> session.message(CableSession.ECHO, message)));
    try (EventStream stream = listenToEcho("message")) {
      StreamedEvent received = stream.next("received");
      assertThat(received.name()).isEqualTo("message");
      assertThat(received.data()).contains(message.replaceAll("[\r\n]", " "));
      assertThat(received.json().getJsonObject("message"))
          .isEqualTo(new StreamedEvent("", "", message).json());
      assertThat(Integer.parseInt(stream.retry())).isBetween(500, 1_000);
    }
  }

  @Test
  void rawControlCharactersInAMessage() throws IOException {
    cable.attack(
        "control",
        peer ->
            afterSubscribe(
                peer,
                session -> {
                  for (String bad : List.of("\"a\0b\"", "\"a\nb\"", "\"a\r\nb\"", "\"\u0001\"")) {
                    session.message(CableSession.ECHO, bad);
                  }
                  session.message(CableSession.ECHO, "\"fine\"");
                }));
    try (EventStream stream = listenToEcho("control")) {
      for (int i = 0; i < 4; i++) {
        assertThat(stream.next("gap").json().getInt("dropped")).isEqualTo(1);
      }
      assertThat(stream.next("received").json().getString("message")).isEqualTo("fine");
    }
  }

  @Test
  void fieldsThroughATunnelsFrame() throws IOException {
    String frame = "{\"x\":\n\r\n\r\n\"event: close\\n\"}\n\nevent: close\ndata: {}\n\nid: 1\0";
    cable.attack(
        "tunnel",
        peer -> {
          CableSession session = new CableSession(peer);
          session.greet();
          session.say(frame);
          session.obey(ignored -> {});
        });
    Visitor visitor = victim.attackedBy("tunnel");
    try (EventStream stream = visitor.stream("protocol=actioncable-v1-json").listen()) {
      assertThat(stream.next().name()).isEqualTo("opened");
      assertThat(stream.next("welcome").name()).isEqualTo("message");
      StreamedEvent event = stream.next();
      assertThat(event.name()).isEqualTo("message");
      assertThat(event.id()).endsWith("-2");
      assertThat(event.data()).isEqualTo(frame.replace("\r\n", "\n").replace('\r', '\n'));
    }
  }

  @Test
  void fieldsAndLogLinesThroughTheReasonOfADisconnect() throws IOException {
    String reason = "x" + FIELDS + "\\\" event=forged_by_reason";
    cable.attack(
        "reason",
        peer ->
            afterSubscribe(
                peer,
                session ->
                    session.say(
                        "{\"type\":\"disconnect\",\"reason\":\""
                            + reason
                            + "\",\"reconnect\":false}")));
    try (EventStream stream = listenToEcho("reason")) {
      assertThat(stream.next("disconnected").name()).isEqualTo("message");
      StreamedEvent closed = stream.next("closed");
      assertThat(closed.json().getString("reason")).startsWith("x\r\nevent: closed");
      assertThat(closed.id()).endsWith("-end");
      stream.expectEnd();
    }
    assertThat(victim.bridge().log().lines()).noneMatch(line -> line.startsWith("event: closed"));
    assertThat(victim.bridge().log()).doesNotContain("\" event=forged_by_reason");
  }

  @Test
  void headersAndLogLinesThroughARefusalsLocation() {
    cable.attack(
        "location",
        peer ->
            peer.write(
                "HTTP/1.1 302 Found\r\nLocation: http://a.example/\"\tevent=forged_by_location\u00e9"
                    + "<script>?token=secret#x\r\nContent-Length: 0\r\n\r\n"));
    RawResponse answer = victim.attackedBy("location").stream("").send();
    assertRefused(answer, 502);
    assertThat(answer.text()).contains("302").doesNotContain("secret").doesNotContain("\\t");
    assertThat(victim.bridge().log()).doesNotContain("\tevent=forged_by_location");
    assertThat(victim.bridge().log()).doesNotContain("\" event=forged_by_location");
  }

  @Test
  void headersThroughTheUpgrade() throws IOException {
    cable.attack(
        "headers",
        peer -> {
          peer.upgradeWith(
              "Sec-WebSocket-Protocol: actioncable-v1-json\r\nSet-Cookie: stolen=1; Path=/\r\n"
                  + "X-Injected: 1\r\nAccess-Control-Allow-Origin: *");
          CableSession session = new CableSession(peer);
          session.say("{\"type\":\"welcome\"}");
          session.obey(ignored -> {});
        });
    Visitor visitor = victim.attackedBy("headers");
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
      assertNothingInjected(stream.response());
      assertThat(stream.response().toString()).doesNotContain("stolen");
      assertThat(stream.response().header("access-control-allow-origin"))
          .contains(visitor.header("Origin"));
    }
    Visitor next = victim.visitor();
    next.listen().close();
    assertThat(ServerSocketFrames.header(cable.requests(next.header("Cookie")).get(0), "Cookie"))
        .isEqualTo(next.header("Cookie"));
  }

  private interface Saying {
    void by(CableSession session) throws IOException;
  }

  /** Behaves correctly until the first subscription, and then sends this. */
  private static void afterSubscribe(Peer peer, Saying saying) throws IOException {
    CableSession session = new CableSession(peer);
    session.greet();
    session.obeyOnce();
    saying.by(session);
    session.obey(ignored -> {});
  }

  private EventStream listenToEcho(String attack) {
    return victim.attackedBy(attack).listenTo(CableSession.ECHO);
  }

  /**
   * The container responds, because this isn't valid HTTP. Tomcat takes a tab for a space, and a
   * line feed for the end of an HTTP/0.9 request: those are requests of a caller without an origin.
   */
  private void assertHarmless(String requestLine) throws IOException {
    String more = "Host: a\r\nX-Injected: 1\r\nConnection: close\r\n\r\n";
    try (Connection connection = new Connection(victim).write(requestLine + more)) {
      assertThat(connection.everything(Duration.ofSeconds(5)))
          .matches("(?s)(HTTP/1.1 (400|502|505) .*|\\{.*|<.*|)")
          .doesNotContain("X-Injected");
    }
  }

  private static void assertNothingInjected(RawResponse answer) {
    assertThat(answer.headers("X-Injected")).isEmpty();
    assertThat(answer.headers()).noneMatch(line -> line.contains("X-Injected"));
  }
}
