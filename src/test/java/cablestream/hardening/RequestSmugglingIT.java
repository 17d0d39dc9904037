package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Requests whose body a proxy and a container may delimit differently. The container has to defend
 * here: each form is refused and the connection closed, or parsed as RFC 9112 requires. The
 * smuggled request would end a session, which must still exist afterwards.
 */
@InTomcatAndJetty
class RequestSmugglingIT extends Attacks {
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Visitor owner;

  RequestSmugglingIT(Container container) {
    super(Victim.usual(container));
    owner = victim.visitor();
  }

  @Test
  void transferEncodingAndContentLength() throws IOException {
    assertNotSmuggled(
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "2\r\n[]\r\n0\r\n\r\n");
    assertNotSmuggled(
        "Transfer-Encoding: chunked\r\nContent-Length: 12\r\n", "2\r\n[]\r\n0\r\n\r\n");
  }

  @Test
  void twoContentLengths() throws IOException {
    assertRefused("Content-Length: 2\r\nContent-Length: 40\r\n", "[]");
    assertRefused("Content-Length: 2\r\nContent-Length: 2\r\n", "[]");
    assertRefused("Content-Length: 2, 2\r\n", "[]");
  }

  @Test
  void aContentLengthThatIsNoNumber() throws IOException {
    for (String length : List.of("+2", "-1", "0x2", "2 2", "2;", "99999999999999999999", "")) {
      assertRefused("Content-Length: " + length + "\r\n", "[]");
    }
  }

  @Test
  void aTransferEncodingInDisguise() throws IOException {
    for (String line :
        List.of(
            "Transfer-Encoding : chunked",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: \u000bchunked",
            " Transfer-Encoding: chunked",
            "X: y\rTransfer-Encoding: chunked",
            "Transfer\0-Encoding: chunked")) {
      assertRefused(line + "\r\nContent-Length: 2\r\n", "[]");
    }
  }

  @Test
  void aFoldedHeader() throws IOException {
    assertRefused("Transfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n", "[]");
    assertRefused("X: y\r\n\tContent-Length: 9\r\nTransfer-Encoding: xchunked\r\n", "[]");
  }

  @Test
  void bareLineFeedsInHeaders() throws IOException {
    assertRefused("X: y\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n", "[]");
  }

  @Test
  void bareLineFeedsInChunks() throws IOException {
    String chunked = "Transfer-Encoding: chunked\r\n";
    assertRefused(chunked, "2\n[]\n0\n\n");
    assertRefused(chunked, "2\r\n[]\n0\r\n\r\n");
    assertRefused(chunked, "2;a\nb\r\n[]\r\n0\r\n\r\n");
  }

  @Test
  void chunksOfAnOddSize() throws IOException {
    String chunked = "Transfer-Encoding: chunked\r\n";
    for (String size :
        List.of("-2", "0x2", "2 2", "g", "", "100000000000000000002", "0000000000000000000002")) {
      assertRefused(chunked, size + "\r\n[]\r\n0\r\n\r\n");
    }
    assertRefused(chunked, "2\r\n[]garbage\r\n0\r\n\r\n");
  }

  @Test
  void aTransferEncodingInHttp10() throws IOException {
    List<RawResponse> answers =
        answers(
            "POST " + owner.path() + " HTTP/1.0\r\nTransfer-Encoding: chunked\r\n",
            "2\r\n[]\r\n0\r\n\r\n");
    assertThat(answers).hasSize(1);
    assertThat(answers.get(0).status()).isIn(200, 400, 403);
  }

  @Test
  void aBodyWhereNoneBelongs() throws IOException {
    try (EventStream stream = owner.listenTo(CableSession.ECHO)) {
      // Inside the body it is data, whatever the method.
      String inner = farewell();
      try (Connection connection =
          new Connection(victim)
              .write(
                  "GET %s?timeout=0 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                      .formatted(owner.withNewId().path(), inner.length(), inner))) {
        assertThat(connection.answers(QUIET)).hasSizeLessThan(2);
      }
      assertIsAlive(stream);
    }
  }

  /** Refused, and what follows is not parsed. */
  private void assertRefused(String headers, String body) throws IOException {
    List<RawResponse> answers = answers("POST " + owner.path() + " HTTP/1.1\r\n" + headers, body);
    assertThat(answers).as(headers + body).hasSize(1);
    assertThat(answers.get(0).status()).as(headers + body).isIn(400, 501);
  }

  /** Refused or executed; in both cases what follows is not parsed. */
  private void assertNotSmuggled(String headers, String body) throws IOException {
    List<RawResponse> answers = answers("POST " + owner.path() + " HTTP/1.1\r\n" + headers, body);
    assertThat(answers).as(headers + body).hasSize(1);
    assertThat(answers.get(0).status()).as(headers + body).isIn(200, 400);
  }

  /**
   * Opens a session, attacks, and checks that the session still exists and the connection doesn't.
   */
  private List<RawResponse> answers(String head, String body) throws IOException {
    try (EventStream target = owner.listenTo(CableSession.ECHO)) {
      List<RawResponse> answers;
      try (Connection connection =
          new Connection(victim).write(head + headers() + "\r\n" + body + farewell())) {
        answers = connection.answers(QUIET);
        assertThat(connection.isClosedWithin(QUIET)).as(head + body).isTrue();
      }
      assertIsAlive(target);
      return answers;
    } finally {
      owner.delete();
    }
  }

  private void assertIsAlive(EventStream stream) {
    owner.send(CableSession.ECHO, "{\"alive\":1}");
    stream.next("received");
  }

  private String headers() {
    return "Host: 127.0.0.1:%d\r\nOrigin: %s\r\nCookie: %s\r\n"
        .formatted(victim.port(), owner.header("Origin"), owner.header("Cookie"));
  }

  /** The smuggled request: it ends the session. */
  private String farewell() {
    return "DELETE " + owner.path() + " HTTP/1.1\r\n" + headers() + "\r\n";
  }
}
