package cablestream.cable;

import static cablestream.support.Records.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import cablestream.support.Defaults;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CableSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "ws://rails:3000/cable, ws://rails:3000/cable",
    "wss://rails/cable, wss://rails/cable",
    "http://rails/cable, ws://rails/cable",
    "HTTPS://rails/cable?a=1, wss://rails/cable?a=1",
    "ws://[::1]:28080/cable, ws://[::1]:28080/cable",
    "ws://rails, ws://rails/",
    "ws://rails?a, ws://rails/?a",
  })
  void webAndWebSocketAddressesAreTaken(String given, String kept) {
    assertThat(settings(given).url()).isEqualTo(URI.create(kept));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://rails/cable",
        "httpx://rails/cable",
        "rails/cable",
        "/cable",
        "ws:rails",
        "ws:///cable",
        "ws://user:secret@rails/cable",
        "ws://rails/cable#here"
      })
  void otherAddressesAreRefused(String given) {
    assertThatThrownBy(() -> settings(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("url");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "ws://rails/cable token=a%2Bb%3D%3D&b=+ ws://rails/cable?token=a%2Bb%3D%3D&b=+",
        "ws://rails/cable?v=1 token=x ws://rails/cable?v=1&token=x",
        "ws://rails/cable ids[]=1&ids[]=2 ws://rails/cable?ids[]=1&ids[]=2",
        "ws://rails/cable a=b|c{d}^`e\\\"<> ws://rails/cable?a=b%7Cc%7Bd%7D%5E%60e%5C%22%3C%3E",
        "ws://rails/cable a=100%&b=%zz&c=%4 ws://rails/cable?a=100%25&b=%25zz&c=%254",
        "ws://rails/cable a=ž#b ws://rails/cable?a=%C5%BE%23b",
        "ws://rails/cable a&=&&b== ws://rails/cable?a&=&&b==",
      })
  void theApplicationsQueryIsKeptByteForByteWhereAUrlMayHoldIt(
      String url, String query, String expected) {
    assertThat(settings(url).url("", query)).hasToString(expected);
  }

  @Test
  void withoutAQueryTheUrlIsTheConfiguredOne() {
    assertThat(settings("ws://rails/cable?v=1").url("", "")).hasToString("ws://rails/cable?v=1");
  }

  @ParameterizedTest
  @CsvSource({
    "/admin/cable, /admin/cable, true",
    "/admin/cable, /admin/cable/, false",
    "/admin/cable, /admin, false",
    "/admin/cable, /Admin/cable, false",
    "/*/cable, /acme/cable, true",
    "/*/cable, /~a-b_c.1/cable, true",
    "/*/cable, //cable, false",
    "/*/cable, /a/b/cable, false",
    "/*/cable, /../cable, false",
    "/*/cable, /./cable, false",
    "/*/cable, /.../cable, true",
    "/*/cable, /a%2Fb/cable, false",
    "/*/cable, /a;b=c/cable, false",
    "/*/cable, /é/cable, false",
    "/*/cable, /*/cable, false",
    "/*/cable, acme/cable, false",
    "/*/cable, x/acme/cable, false",
    "/*, /anything, true",
    "/*, /, false",
  })
  void aPathThatTheSettingNamesMayBeDialled(String pattern, String path, boolean allowed) {
    assertThat(settings("ws://rails/cable", pattern).allows(path)).isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/cable%20x"})
  void thePathOfTheUrlAlwaysMay(String path) {
    assertThat(settings("ws://rails/cable%20x").allows(path)).isTrue();
  }

  @Test
  void anotherPathIsDialledAtTheSameHostWithTheSameQuery() {
    CableSettings settings = settings("wss://rails:28080/cable?v=1", "/*/cable");
    assertThat(settings.url("/acme/cable", "token=x"))
        .hasToString("wss://rails:28080/acme/cable?v=1&token=x");
    assertThat(settings.url("/acme/cable", "")).hasToString("wss://rails:28080/acme/cable?v=1");
  }

  @Test
  void whereItIsIgnoredThatOfTheUrlIsDialledWhateverIsNamed() {
    CableSettings settings = settings("ws://rails/cable", CablePaths.IGNORED);
    assertThat(settings.allows("/a/../b")).isTrue();
    assertThat(settings.url("/a/../b", "a=1")).hasToString("ws://rails/cable?a=1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "cable", "/a//b", "/a/", "/a b", "/a%20b", "/..", "/a/./b", "/a*", "/?a"})
  void whatIsNoPathIsRefused(String pattern) {
    assertThatThrownBy(() -> settings("ws://rails/cable", pattern))
        .isInstanceOf(IllegalArgumentException.class);
  }

  static List<Arguments> outOfRange() {
    return List.of(
        arguments("maxMessage", "maxMessage", 1023),
        arguments("maxMessage", "maxMessage", 1073741825),
        arguments("connect", "timeouts.connect", Duration.ZERO),
        arguments("welcome", "timeouts.welcome", Duration.ofSeconds(-1)),
        arguments("stale", "timeouts.stale", Duration.ZERO),
        arguments("minBackoff", "reconnect.minBackoff", Duration.ZERO),
        arguments("maxBackoff", "reconnect.maxBackoff", Duration.ofMillis(400)),
        arguments("maxDials", "dialling.max", 0),
        arguments("maxWaiting", "dialling.maxWaiting", -1),
        arguments("turn", "dialling.turn", Duration.ZERO));
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void aValueOutOfItsRangeIsNamed(String name, String component, Object value) {
    CableSettings settings = settings("ws://rails/cable");

    assertThatThrownBy(() -> with(settings, component, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }

  private static CableSettings settings(String url) {
    return Defaults.cable(URI.create(url));
  }

  private static CableSettings settings(String url, String pattern) {
    return settings(url, new CablePaths(List.of(pattern), false));
  }

  private static CableSettings settings(String url, CablePaths paths) {
    return with(settings(url), "paths", paths);
  }
}
