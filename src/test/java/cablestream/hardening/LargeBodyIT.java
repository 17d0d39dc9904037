package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
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
}
