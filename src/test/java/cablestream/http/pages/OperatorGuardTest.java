package cablestream.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.http.request.HttpSettings;
import cablestream.support.FakeRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorGuardTest {
  private static final String TOKEN = "a-token-that-nobody-guesses";
  private static final OperatorGuard WITHOUT_TOKEN = new OperatorGuard(null);
  private static final OperatorGuard WITH_TOKEN =
      new OperatorGuard(HttpSettings.tokenDigest(TOKEN));

  private static FakeRequest local() {
    return FakeRequest.aRequest()
        .from("127.0.0.1")
        .without("Host")
        .header("Host", "localhost:8080");
  }

  /** A request through a proxy on the same machine that adds no header looks exactly like this. */
  @Test
  void aShellOnTheMachineIsNobodyWithoutTheToken() {
    assertThat(WITHOUT_TOKEN.admits(local().build())).isFalse();
    assertThat(WITH_TOKEN.admits(local().build())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer " + TOKEN, "bearer " + TOKEN, "BEARER  " + TOKEN})
  void theTokenLetsInFromElsewhereAndThroughAProxy(String authorization) {
    FakeRequest request =
        FakeRequest.aRequest()
            .header("X-Forwarded-For", "203.0.113.1")
            .header("Authorization", authorization);
    assertThat(WITH_TOKEN.admits(request.build())).isTrue();
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
            WITH_TOKEN.admits(
                FakeRequest.aRequest().header("Authorization", authorization).build()))
        .isFalse();
    assertThat(WITH_TOKEN.admits(local().header("Authorization", authorization).build())).isFalse();
  }

  @Test
  void aTokenWhereNoneIsSetLetsNobodyIn() {
    for (String token : new String[] {"Bearer null", "Bearer ", "Bearer " + TOKEN}) {
      assertThat(WITHOUT_TOKEN.admits(local().header("Authorization", token).build())).isFalse();
    }
  }
}
