package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that grow when decompressed: the bridge decompresses nothing. */
@InTomcatAndJetty
class CompressedBodyIT extends Attacks {
  private final Visitor visitor;

  CompressedBodyIT(Container container) {
    super(Victim.usual(container));
    visitor = victim.visitor();
  }

  /** 32 MiB of white space in 32 KiB. */
  private static byte[] bomb() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write('[');
      byte[] spaces = " ".repeat(1 << 20).getBytes();
      for (int i = 0; i < 32; i++) {
        gzip.write(spaces);
      }
      gzip.write(']');
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP", "?"})
  void aContentEncoding(String encoding) throws IOException {
    visitor.poll("timeout=0");
    RawRequest request = visitor.request("POST", "").header("Content-Encoding", encoding);
    assertRefused(request.body(bomb()).send(), 415);
    assertThat(visitor.postBody("[]").status()).isEqualTo(200);
  }

  @Test
  void twoContentEncodings() throws IOException {
    RawRequest request =
        visitor
            .request("POST", "")
            .header("Content-Encoding", "identity")
            .header("Content-Encoding", "gzip");
    assertRefused(request.body(bomb()).send(), 415);
  }

  @Test
  void aCompressedBodyThatDoesNotSaySo() throws IOException {
    visitor.poll("timeout=0");
    assertRefused(visitor.request("POST", "").body(bomb()).send(), 400);
  }

  @Test
  void aTransferEncoding() throws IOException {
    visitor.poll("timeout=0");
    try (Connection connection = new Connection(victim)) {
      byte[] bomb = bomb();
      connection.write(
          "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: %s\r\nCookie: %s\r\n"
                  .formatted(
                      visitor.path(),
                      victim.port(),
                      visitor.header("Origin"),
                      visitor.header("Cookie"))
              + "Transfer-Encoding: gzip, chunked\r\n\r\n"
              + Integer.toHexString(bomb.length)
              + "\r\n"
              + new String(bomb, StandardCharsets.ISO_8859_1)
              + "\r\n0\r\n\r\n");
      RawResponse answer = connection.answer(Duration.ofSeconds(10));
      // Tomcat refuses the encoding; Jetty passes the bytes on, which aren't JSON.
      assertThat(answer.status()).isIn(400, 501);
    }
  }
}
