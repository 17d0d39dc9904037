package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"https://app.example", "http://localhost:3000", "http://[::1]:3000", "app://x"})
  void anAllowedOriginIsWhatABrowserWrites(String origin) {
    assertThatCode(() -> TestHttpSettings.allowing(Set.of(origin))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "null",
        "",
        "app.example",
        "https://app.example/",
        "https://app.example:443",
        "http://app.example:80",
        "https://App.example",
        "https://*.example",
        "https://a,https://b",
      })
  void whatNoBrowserWritesIsRefusedRatherThanNeverMatched(String origin) {
    assertThatThrownBy(() -> TestHttpSettings.allowing(Set.of(origin)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("as a browser writes it");
    assertThatThrownBy(() -> TestHttpSettings.dialling(null, origin))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "cookie",
        "Connection",
        "Sec-WebSocket-Key",
        "Content-Length",
        "X-Forwarded-For",
        "x-real-ip",
        "Forwarded",
        "a b",
        "a:",
        "",
      })
  void aHeaderThatTheBridgeWritesItselfCannotBeForwarded(String name) {
    assertThatThrownBy(() -> TestHttpSettings.forwarding(name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a/b", "", "http://a", "a:b"})
  void aFixedHostIsAHost(String host) {
    assertThatThrownBy(() -> TestHttpSettings.dialling(host, null))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
