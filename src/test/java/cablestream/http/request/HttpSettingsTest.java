package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"https://app.example", "http://localhost:3000", "http://[::1]:3000", "app://x"})
  void anAllowedOriginIsWhatABrowserWrites(String origin) {
    assertThat(HttpSettings.checkedOrigin(origin)).isEqualTo(origin);
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
    assertThatThrownBy(() -> HttpSettings.checkedOrigin(origin))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("as a browser writes it");
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
    assertThatThrownBy(() -> HttpSettings.checkedHeader(name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a/b", "", "http://a", "a:b"})
  void aFixedHostIsAHost(String host) {
    assertThatThrownBy(() -> HttpSettings.checkedHost(host))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
