package cablestream.http.response;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Listener;
import cablestream.memory.Kind;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ExchangeTest {
  private static final Listener.Acceptance ACCEPTED =
      new Listener.Acceptance("id", "hash", "http://page.example", null);

  private final FakeOutput container = new FakeOutput();

  /** A client without a key repeats a POST that returned 503: each send would arrive twice. */
  @Test
  void resultsThatHaveNoRoomAreNotReportedAsCommandsThatWereNotExecuted() throws IOException {
    Exchange exchange = container.exchange();
    container.becomesReady();
    container.account.force(Kind.ANSWER, container.account.limit(Kind.ANSWER));
    exchange.answer(ACCEPTED, new byte[513]);

    assertThat(container.status).isEqualTo(500);
    assertThat(container.headers)
        .containsEntry("Content-Type", "application/json")
        .containsEntry("X-Session-Id", "id")
        .doesNotContainKey("Retry-After");
    assertThat(container.sent())
        .isEqualTo(
            "{\"error\":\"the commands were executed, but there is no memory for their results\"}");
    assertThat(container.completions).isEqualTo(1);
  }

  @Test
  void smallResultsNeedNoRoom() throws IOException {
    Exchange exchange = container.exchange();
    container.becomesReady();
    container.account.force(Kind.ANSWER, container.account.limit(Kind.ANSWER));
    exchange.answer(ACCEPTED, new byte[] {'[', ']'});

    assertThat(container.status).isEqualTo(200);
    assertThat(container.sent()).isEqualTo("[]");
  }
}
