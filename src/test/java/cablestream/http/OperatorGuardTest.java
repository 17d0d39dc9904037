package cablestream.http;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FakeRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,localhost",
    "127.0.0.1,127.0.0.1:8080",
    "127.8.8.8,localhost:80",
    "::1,[::1]:8080",
    "0:0:0:0:0:0:0:1,localhost"
  })
  void aShellOnTheMachineIsLetIn(String peer, String host) {
    assertThat(
            WITHOUT_TOKEN.admits(local().from(peer).without("Host").header("Host", host).build()))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "192.168.1.1", "203.0.113.9", "::2", "localhost", ""})
  void otherMachinesAreNot(String peer) {
    assertThat(WITHOUT_TOKEN.admits(local().from(peer).build())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Forwarded",
        "X-Forwarded-For",
        "x-forwarded-proto",
        "X-FORWARDED-X",
        "Via",
        "X-Real-IP"
      })
  void aProxyOnTheMachineIsNot(String header) {
    assertThat(WITHOUT_TOKEN.admits(local().header(header, "x").build())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bridge.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "2130706433",
        ""
      })
  void aNameThatWasReboundToLoopbackIsNot(String host) {
    assertThat(WITHOUT_TOKEN.admits(local().without("Host").header("Host", host).build()))
        .isFalse();
  }

  @Test
  void aRequestWithoutHostIsNot() {
    assertThat(WITHOUT_TOKEN.admits(local().without("Host").build())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:3000",
        "https://localhost:8080",
        "http://localhost",
        "http://127.0.0.1:8080",
        "http://evil.example",
        "null"
      })
  void anotherPageInABrowserOnTheMachineIsNot(String origin) {
    assertThat(WITHOUT_TOKEN.admits(local().header("Origin", origin).build())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cross-site", "same-site"})
  void anElementOfAnotherPageThatHidesItsOriginIsNot(String site) {
    assertThat(WITHOUT_TOKEN.admits(local().header("Sec-Fetch-Site", site).build())).isFalse();
  }

  @Test
  void theStatusPageOnTheMachineIsLetIn() {
    assertThat(
            WITHOUT_TOKEN.admits(
                local()
                    .header("Origin", "http://localhost:8080")
                    .header("Sec-Fetch-Site", "same-origin")
                    .build()))
        .isTrue();
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
  void aGuessedTokenDoesNotAndShutsThisMachineOutToo(String authorization) {
    assertThat(
            WITH_TOKEN.admits(
                FakeRequest.aRequest().header("Authorization", authorization).build()))
        .isFalse();
    assertThat(WITH_TOKEN.admits(local().header("Authorization", authorization).build())).isFalse();
  }

  @Test
  void aTokenWhereNoneIsSetLetsNobodyIn() {
    for (String token : new String[] {"Bearer null", "Bearer ", "Bearer " + TOKEN}) {
      assertThat(
              WITHOUT_TOKEN.admits(FakeRequest.aRequest().header("Authorization", token).build()))
          .isFalse();
    }
  }

  @Test
  void aShellOnTheMachineNeedsNoTokenEvenWhereThereIsOne() {
    assertThat(WITH_TOKEN.admits(local().build())).isTrue();
  }
}
