package cablestream.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpReaderTest implements HttpReader.Sink {
  private static final String CHUNKED =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "5\r\nhello\r\n10;x=y\r\n, streaming worl\r\n1\r\nd\r\n0\r\n\r\n";
  private static final String WITH_LENGTH =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n";
  private static final String EMPTY = "HTTP/1.1 204 No Content\r\n\r\n";

  private final List<String> seen = new ArrayList<>();
  private final StringBuilder body = new StringBuilder();
  private final HttpReader reader = new HttpReader(this);

  @Override
  public void head(HttpReader.Head head) {
    seen.add(head.status() + " " + head.value("Content-Type") + " " + head.value("connection"));
  }

  @Override
  public void body(byte[] bytes, int from, int to) {
    body.append(new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }

  @Override
  public void end() {
    seen.add(body.toString());
    body.setLength(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 16, 64, 1_000})
  void responsesFollowEachOtherWhereverTheyAreCut(int piece) {
    byte[] bytes = (CHUNKED + WITH_LENGTH + EMPTY + CHUNKED).getBytes(StandardCharsets.US_ASCII);

    Cuts.even(bytes, piece, reader::feed);

    String stream = "hello, streaming world";
    assertThat(seen)
        .containsExactly(
            "200 text/event-stream null",
            stream,
            "404 null close",
            "no\n",
            "204 null null",
            "",
            "200 text/event-stream null",
            stream);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 1_000})
  void whatFollowsAnUpgradeIsLeftToOthers(int piece) {
    byte[] bytes =
        "HTTP/1.1 101 Switching Protocols\r\n\r\nFRAMES".getBytes(StandardCharsets.US_ASCII);
    StringBuilder rest = new StringBuilder();

    Cuts.even(
        bytes,
        piece,
        (lent, from, to) -> {
          int taken = reader.feed(lent, from, to);
          rest.append(new String(lent, from + taken, to - from - taken, StandardCharsets.US_ASCII));
        });

    assertThat(rest).hasToString("FRAMES");
    assertThat(seen).containsExactly("101 null null");
  }
}
