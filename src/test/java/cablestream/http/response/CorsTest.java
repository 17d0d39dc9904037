package cablestream.http.response;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.http.request.TestHttpSettings;
import cablestream.support.Defaults;
import cablestream.support.FakeResponse;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 5: CORS. */
class CorsTest {
  private static final String APP = "https://app.example";
  private static final String OTHER = "https://other.example";

  private final Cors open = new Cors(Defaults.http());
  private final Cors narrow = new Cors(TestHttpSettings.allowing(Set.of(APP)));
  private final FakeResponse response = new FakeResponse();

  @Test
  void anErrorReflectsAnyOriginWhereNoneIsConfigured() {
    open.reflect(OTHER, response.build());

    assertNamed(OTHER);
  }

  @Test
  void anErrorNamesNobodyButTheConfiguredOrigins() {
    narrow.reflect(OTHER, response.build());
    assertSilent();

    narrow.reflect(APP, response.build());
    assertNamed(APP);
  }

  @Test
  void aSuccessNamesTheOriginTheSessionWasOpenedWith() {
    open.opened(APP, APP, response.build());

    assertNamed(APP);
  }

  @Test
  void aSuccessNamesNoOtherOrigin() {
    open.opened(OTHER, APP, response.build());

    assertSilent();
  }

  @Test
  void aSuccessNamesTheConfiguredOrigins() {
    narrow.opened(OTHER, OTHER, response.build());
    assertSilent();

    narrow.opened(APP, APP, response.build());
    assertNamed(APP);
  }

  @Test
  void aRequestWithoutAnOriginNeedsNoHeaders() {
    open.reflect(null, response.build());
    open.opened(null, APP, response.build());

    assertSilent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://app.example.evil.example",
        "https://evil-app.example",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example.",
        "https://APP.example",
        "null",
      })
  void lookAlikesOfAConfiguredOriginAreNotNamed(String origin) {
    narrow.reflect(origin, response.build());

    assertSilent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "*", "https://a b", "https://a, https://b", "x", "https://a\r\nX: y"})
  void whatIsNoOriginIsNotReflected(String origin) {
    open.reflect(origin, response.build());

    assertSilent();
  }

  @Test
  void aPreflightSaysWhatMayBeSent() {
    open.preflight(OTHER, response.build());

    assertNamed(OTHER);
    assertThat(response.header("Access-Control-Allow-Methods"))
        .isEqualTo("GET, POST, DELETE, OPTIONS");
    assertThat(response.header("Access-Control-Allow-Headers"))
        .isEqualTo("Content-Type, Last-Event-ID, Idempotency-Key, Authorization");
    assertThat(response.header("Access-Control-Max-Age")).isEqualTo("7200");
  }

  private void assertNamed(String origin) {
    assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo(origin);
    assertThat(response.header("Access-Control-Allow-Credentials")).isEqualTo("true");
    assertThat(response.header("Access-Control-Expose-Headers"))
        .isEqualTo("X-Session-Id, Retry-After");
    assertThat(response.header("Timing-Allow-Origin")).isEqualTo(origin);
  }

  private void assertSilent() {
    assertThat(response.header("Access-Control-Allow-Origin")).isNull();
    assertThat(response.header("Access-Control-Allow-Credentials")).isNull();
    assertThat(response.header("Access-Control-Expose-Headers")).isNull();
    assertThat(response.header("Timing-Allow-Origin")).isNull();
  }
}
