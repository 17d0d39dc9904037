package cablestream.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Digest;
import cablestream.http.request.HttpSettings;
import cablestream.support.FakeRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageServletTest {
  private static final String TOKEN = "a-token-that-nobody-guesses";
  private static final Digest SET = HttpSettings.tokenDigest(TOKEN);

  private static FakeRequest local() {
    return FakeRequest.aRequest()
        .from("127.0.0.1")
        .without("Host")
        .header("Host", "localhost:8080");
  }

  /** A request through a proxy on the same machine that adds no header looks exactly like this. */
  @Test
  void aShellOnTheMachineIsNobodyWithoutTheToken() {
    assertThat(PageServlet.isOperator(local().build(), null)).isFalse();
    assertThat(PageServlet.isOperator(local().build(), SET)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer " + TOKEN, "bearer " + TOKEN, "BEARER  " + TOKEN})
  void theTokenLetsInFromElsewhereAndThroughAProxy(String authorization) {
    FakeRequest request =
        FakeRequest.aRequest()
            .header("X-Forwarded-For", "203.0.113.1")
            .header("Authorization", authorization);
    assertThat(PageServlet.isOperator(request.build(), SET)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer",
        "Bearer ",
        "Bearer a-token-that-nobody-guesse",
        "Bearer a-token-that-nobody-guessess",
        "Bearer A-TOKEN-THAT-NOBODY-GUESSES",
        "Bearer a-token-that-nobody-guesses, Bearer x",
        "Basic YS10b2tlbi10aGF0LW5vYm9keS1ndWVzc2Vz",
        TOKEN,
        "Bearer" + TOKEN,
        ""
      })
  void aGuessedTokenDoesNot(String authorization) {
    assertThat(
            PageServlet.isOperator(
                FakeRequest.aRequest().header("Authorization", authorization).build(), SET))
        .isFalse();
    assertThat(PageServlet.isOperator(local().header("Authorization", authorization).build(), SET))
        .isFalse();
  }

  @Test
  void aTokenWhereNoneIsSetLetsNobodyIn() {
    for (String token : new String[] {"Bearer null", "Bearer ", "Bearer " + TOKEN}) {
      assertThat(PageServlet.isOperator(local().header("Authorization", token).build(), null))
          .isFalse();
    }
  }
}
