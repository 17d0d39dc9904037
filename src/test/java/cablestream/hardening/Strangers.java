package cablestream.hardening;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import cablestream.support.wire.RawRequest;
import cablestream.support.wire.Visitor;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.UUID;

/** Attacks that need no account at the application, only access to the bridge. */
final class Strangers {
  private static final int FIN_TEXT = 0x81;

  private Strangers() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("echo: 4 KB frames, never read", siege -> echo(siege, 4_000, 40, 10_000)),
        new Attack("echo: single bytes, never read", siege -> echo(siege, 1, 40, 1_000_000)),
        new Attack("echo: thousands of trials from one address", Strangers::echoTrials),
        new Attack("POSTs of 60 KB to a session whose dial hangs", Strangers::postsDuringADial),
        new Attack("POSTs of 60 KB to sessions whose dials hang", Strangers::postsDuringDials),
        new Attack("tunnels of 1 MB to sessions whose dials hang", Strangers::framesDuringDials),
        new Attack("tunnels with a cursor of nowhere", Strangers::tunnelsOfNowhere),
        new Attack("sessions that are opened and left, 90 a second", Strangers::leftSessions),
        Attack.filling("tunnels that the server refuses", Strangers::refusedTunnels),
        new Attack("polls of an echo's history, never read", Strangers::echoHistory),
        new Attack("pipelined GET /-/health, never read", siege -> pipeline(siege, "/-/health")),
        new Attack("pipelined GET /-/ready, never read", siege -> pipeline(siege, "/-/ready")),
        new Attack("pipelined pages, never read", siege -> pipeline(siege, "/-/diagnosis")),
        new Attack("pipelined scripts, never read", siege -> pipeline(siege, "/-/cablestream.js")),
        new Attack("pipelined bad ids, never read", siege -> pipeline(siege, "/short")),
        new Attack("pipelined metrics, never read", siege -> pipeline(siege, "/-/metrics")),
        new Attack("pipelined polls, never read", Strangers::pipelinedPolls),
        new Attack("pipelined farewells, never read", Strangers::farewells),
        new Attack("headers that drip", Strangers::slowHeaders),
        new Attack("headers of 30 KB without an end", siege -> endlessHeaders(siege, 1_000)),
        new Attack("headers of 5 bytes without an end", siege -> endlessHeaders(siege, 1)),
        new Attack("connections that say nothing", Strangers::silence),
        new Attack("chunked bodies of 63 KB without an end", Strangers::unfinishedBodies),
        new Attack("bodies of nine bytes that never come", Strangers::missingBodies),
        Attack.filling("headers of 7 KB, half-closed", Strangers::halfClosed),
        new Attack("operators' endpoints without the token", Strangers::operators));
  }

  /** Bodies, commands, responses and WebSocket trials. */
  static void everything(Siege siege) {
    echo(siege, 4_000, 40, 10_000);
    postsDuringDials(siege);
    echoHistory(siege);
    unfinishedBodies(siege);
  }

  // ---- WebSocket trials ----

  private static void echo(Siege siege, int length, int connections, int frames) {
    byte[] again = frame("x".repeat(length), Math.max(1, 4_000 / (length + 6)));
    for (int i = 0; i < connections; i++) {
      siege.mob().member(upgrade(siege)).again(frames, again).go();
    }
  }

  private static void echoTrials(Siege siege) {
    for (int i = 0; i < siege.connections(Siege.size(5_000, 1_000)); i++) {
      siege.mob().member(upgrade(siege)).go();
    }
  }

  private static String upgrade(Siege siege) {
    return "GET "
        + siege.site().path()
        + "/-/echo/cable HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Protocol: actioncable-v1-json\r\n\r\n";
  }

  /** This many masked WebSocket frames; the mask is zero. */
  private static byte[] frame(String text, int times) {
    byte[] payload = text.getBytes(ISO_8859_1);
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      frames.write(FIN_TEXT);
      if (payload.length < 126) {
        frames.write(0x80 | payload.length);
      } else {
        frames.write(0x80 | 126);
        frames.write(payload.length >> 8);
        frames.write(payload.length);
      }
      frames.writeBytes(new byte[4]);
      frames.writeBytes(payload);
    }
    return frames.toByteArray();
  }

  private static void echoHistory(Siege siege) {
    Visitor visitor = Visitor.of(siege.site());
    Visitor echo = siege.ending(visitor.withId("-/echo/" + visitor.id()).withQuery("protocol=a"));
    siege.crowd(1, i -> echo.request("GET", "timeout=0"));
    String body = "[" + ("\"" + "x".repeat(3_000) + "\",").repeat(19) + "\"\"]";
    for (int i = 0; i < 8; i++) {
      siege.crowd(1, j -> echo.request("POST", "").body(body));
    }
    byte[] poll = echo.request("GET", "last-event-id=0&poll-queue=1000&timeout=0").bytes();
    for (int i = 0; i < siege.connections(1_300); i++) {
      siege.mob().member(poll).go();
    }
  }

  // ---- dials ----

  private static void postsDuringADial(Siege siege) {
    Visitor visitor = siege.attackedBy(peer -> peer.awaitEnd());
    posts(siege, visitor, siege.connections(Siege.size(3_000, 1_600)));
  }

  private static void postsDuringDials(Siege siege) {
    String hanging = siege.hostile(peer -> peer.awaitEnd());
    for (int i = 0; i < 50; i++) {
      posts(
          siege,
          siege.visitor("attack=" + hanging),
          siege.connections(Siege.size(3_000, 1_600)) / 50);
    }
  }

  private static void posts(Siege siege, Visitor visitor, int many) {
    String command = "[{\"identifier\":{\"channel\":\"x\"},\"send\":{\"a\":\"%s\"}}]";
    String body = command.formatted("x".repeat(60_000));
    byte[] post = visitor.request("POST", "poll-queue=1").body(body).bytes();
    for (int i = 0; i < many; i++) {
      siege.mob().member(post).go();
    }
  }

  private static void framesDuringDials(Siege siege) {
    String hanging = siege.hostile(peer -> peer.awaitEnd());
    String body = "[\"" + "x".repeat(1_000_000) + "\"]";
    for (int i = 0; i < siege.connections(150); i++) {
      Visitor visitor = siege.visitor("protocol=a&attack=" + hanging);
      siege.mob().member(visitor.stream("").bytes()).go();
      siege.mob().member(visitor.request("POST", "").body(body).bytes()).go();
    }
  }

  // ---- places in the table ----

  private static void tunnelsOfNowhere(Siege siege) {
    siege.crowd(
        Siege.size(3_000, 1_000),
        i ->
            Visitor.of(siege.site())
                .request("GET", "protocol=a&last-event-id=x-1&timeout=0")
                .header("Accept", "application/json"));
  }

  /** On one connection; at the peak there is room for no more of them. */
  private static void leftSessions(Siege siege) throws InterruptedException {
    siege.mob().member("").drip(() -> polls(siege, 90)).reading().go();
    long before;
    long now = 0;
    do {
      before = now;
      Thread.sleep(2_000);
      now = siege.watch().byKind("cablestream_account_bytes").get("session");
    } while (now > before);
  }

  private static String polls(Siege siege, int many) {
    StringBuilder polls = new StringBuilder();
    for (int i = 0; i < many; i++) {
      byte[] poll = Visitor.of(siege.site()).request("GET", "timeout=0").bytes();
      polls.append(new String(poll, ISO_8859_1));
    }
    return polls.toString();
  }

  private static void refusedTunnels(Siege siege) {
    String refusing =
        siege.hostile(peer -> peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    siege.crowd(
        Siege.size(3_000, 600),
        i ->
            Visitor.of(siege.site())
                .request("GET", "protocol=a&timeout=1&attack=" + refusing)
                .header("Accept", "application/json"));
  }

  // ---- unread responses ----

  private static void pipeline(Siege siege, String path) {
    String target = siege.site().path() + path;
    String request = "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
    for (int i = 0; i < siege.connections(Siege.size(200, 70)); i++) {
      siege.mob().member(request).again(Siege.size(500, 20), request.repeat(50)).go();
    }
  }

  private static void pipelinedPolls(Siege siege) {
    for (int i = 0; i < siege.connections(Siege.size(200, 70)); i++) {
      byte[] poll = siege.visitor().request("GET", "timeout=0").bytes();
      siege.mob().member(poll).again(Siege.size(20_000, 500), poll).go();
    }
  }

  private static void farewells(Siege siege) {
    for (int i = 0; i < siege.connections(Siege.size(200, 70)); i++) {
      StringBuilder many = new StringBuilder();
      for (int j = 0; j < 50; j++) {
        many.append("DELETE ").append(siege.site().path()).append('/').append(UUID.randomUUID());
        many.append(" HTTP/1.1\r\nHost: a\r\n\r\n");
      }
      siege.mob().member("").again(Siege.size(400, 20), many.toString()).go();
    }
  }

  // ---- endless requests ----

  private static void slowHeaders(Siege siege) {
    for (int i = 0; i < siege.connections(Siege.size(4_000, 1_500)); i++) {
      String id = UUID.randomUUID().toString();
      siege
          .mob()
          .member("GET " + siege.site().path() + "/" + id + " HTTP/1.1\r\nHost: a\r\nA: ")
          .drip("x")
          .go();
    }
  }

  /** As many bytes of headers as are accepted, in lines with values of this length. */
  private static void endlessHeaders(Siege siege, int length) {
    String line = "a:" + "x".repeat(length) + "\r\n";
    String head =
        "GET "
            + siege.site().path()
            + "/-/health HTTP/1.1\r\nHost: a\r\n"
            + line.repeat(30_000 / line.length());
    for (int i = 0; i < siege.idleConnections(Siege.size(6_000, 2_000)); i++) {
      siege.mob().member(head).go();
    }
  }

  private static void silence(Siege siege) {
    for (int i = 0; i < siege.idleConnections(Siege.size(15_000, 5_000)); i++) {
      siege.mob().member("").go();
    }
  }

  private static void unfinishedBodies(Siege siege) {
    String chunk = "7e00\r\n" + " ".repeat(0x7e00) + "\r\n";
    for (int i = 0; i < siege.connections(Siege.size(2_000, 500)); i++) {
      String head =
          "POST "
              + siege.site().path()
              + "/"
              + UUID.randomUUID()
              + "?poll-queue=1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
      siege.mob().member(head + chunk + chunk.substring(0, 31_000)).go();
    }
  }

  private static void missingBodies(Siege siege) {
    for (int i = 0; i < siege.connections(Siege.size(3_600, 2_500)); i++) {
      siege
          .mob()
          .member(
              "POST "
                  + siege.site().path()
                  + "/"
                  + UUID.randomUUID()
                  + "?poll-queue=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
          .go();
    }
  }

  private static void halfClosed(Siege siege) {
    String cookie = "x".repeat(7_000);
    for (int i = 0; i < siege.connections(Siege.size(1_000, 300)); i++) {
      siege
          .mob()
          .member(
              siege.ending(Visitor.of(siege.site()).with("Cookie", "a=" + cookie)).stream("")
                  .bytes())
          .halfClosing()
          .go();
    }
  }

  private static void operators(Siege siege) {
    for (String path : List.of("/-/metrics", "/-/status.json", "/-/session/0", "/-/drain")) {
      String method = path.endsWith("drain") ? "POST" : "GET";
      int status =
          RawRequest.of(method, siege.site().port(), siege.site().path() + path)
              .header("Host", "localhost")
              .send()
              .status();
      if (status != 401 && status != 403) {
        throw new AssertionError(path + " answers a stranger with " + status);
      }
    }
  }
}
