package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A POST body over the limit: the response and the log name the limit. */
@InTomcatAndJetty
class LargeBodyIT extends Attacks {
  LargeBodyIT(Container container) {
    super(Victim.usual(container));
  }

  @ParameterizedTest
  @CsvSource({"'',65536,max-body", "protocol=actioncable-v1-json,1048576,max-tunnel-body"})
  void aBodyOverTheLimit(String query, int limit, String setting) {
    Visitor visitor = victim.visitor().withQuery(query);
    try (EventStream stream = visitor.listen()) {
      stream.next();
      RawResponse answer = visitor.postBody("[" + " ".repeat(limit) + "]");
      assertRefused(answer, 413);
      assertThat(answer.json().getString("error"))
          .isEqualTo(
              "the body is larger than " + limit + " bytes, the limit of the setting " + setting);
      String line = "event=body_too_large times=1 limit=" + limit + " setting=" + setting;
      await().until(() -> victim.bridge().log().contains(line));
      assertThat(visitor.postBody("[" + " ".repeat(limit - 2) + "]").status()).isEqualTo(200);
    }
  }

  /** A proxy that reads no response before it has passed on the body would answer 502. */
  @Test
  void aBodyOverTheLimitIsReadBeforeItIsRefused() throws Exception {
    Visitor visitor = victim.visitor();
    String head =
        "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n".formatted(visitor.path());
    try (Connection connection = new Connection(victim).write(head)) {
      for (int i = 0; i < 10; i++) {
        connection.write(" ".repeat(10_000));
        Thread.sleep(20);
      }
      assertRefused(connection.answer(Duration.ofSeconds(5)), 413);
    }
  }
}
