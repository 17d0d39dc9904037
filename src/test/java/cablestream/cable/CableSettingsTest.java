package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CableSettingsTest {
  @Test
  void theDefaultsAreThoseOfTheContract() {
    assertThat(CableSettings.defaults(URI.create("ws://rails/cable")))
        .isEqualTo(
            new CableSettings(
                URI.create("ws://rails/cable"),
                CablePaths.NONE,
                16 * 1024 * 1024,
                new CableSettings.Timeouts(
                    Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(6)),
                new ReconnectPolicy(Duration.ofMillis(500), Duration.ofSeconds(30)),
                new CableSettings.Dialling(256, 20_000, Duration.ofSeconds(60))));
  }

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

  @ParameterizedTest
  @CsvSource({
    "maxMessage, 1023, PT5S, PT10S, PT6S, PT0.5S, PT30S, 256, 1024, PT10S",
    "maxMessage, 1073741825, PT5S, PT10S, PT6S, PT0.5S, PT30S, 256, 1024, PT10S",
    "connect, 16384, PT0S, PT10S, PT6S, PT0.5S, PT30S, 256, 1024, PT10S",
    "welcome, 16384, PT5S, PT-1S, PT6S, PT0.5S, PT30S, 256, 1024, PT10S",
    "stale, 16384, PT5S, PT10S, PT0S, PT0.5S, PT30S, 256, 1024, PT10S",
    "leastBackoff, 16384, PT5S, PT10S, PT6S, PT0S, PT30S, 256, 1024, PT10S",
    "mostBackoff, 16384, PT5S, PT10S, PT6S, PT0.5S, PT0.4S, 256, 1024, PT10S",
    "maxDials, 16384, PT5S, PT10S, PT6S, PT0.5S, PT30S, 0, 1024, PT10S",
    "maxWaiting, 16384, PT5S, PT10S, PT6S, PT0.5S, PT30S, 256, -1, PT10S",
    "turn, 16384, PT5S, PT10S, PT6S, PT0.5S, PT30S, 256, 1024, PT0S",
  })
  void aValueOutOfItsRangeIsNamed(
      String name,
      int maxMessage,
      Duration connect,
      Duration welcome,
      Duration stale,
      Duration leastBackoff,
      Duration mostBackoff,
      int maxDials,
      int maxWaiting,
      Duration turn) {
    URI url = URI.create("ws://rails/cable");
    assertThatThrownBy(
            () ->
                new CableSettings(
                    url,
                    CablePaths.NONE,
                    maxMessage,
                    new CableSettings.Timeouts(connect, welcome, stale),
                    new ReconnectPolicy(leastBackoff, mostBackoff),
                    new CableSettings.Dialling(maxDials, maxWaiting, turn)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }

  private static CableSettings settings(String url) {
    return CableSettings.defaults(URI.create(url));
  }

  private static CableSettings settings(String url, String pattern) {
    return settings(url, new CablePaths(List.of(pattern), false));
  }

  private static CableSettings settings(String url, CablePaths paths) {
    CableSettings of = settings(url);
    return new CableSettings(
        of.url(),
        paths,
        of.maxMessage(),
        new CableSettings.Timeouts(
            of.timeouts().connect(), of.timeouts().welcome(), of.timeouts().stale()),
        new ReconnectPolicy(of.reconnect().leastBackoff(), of.reconnect().mostBackoff()),
        new CableSettings.Dialling(
            of.dialling().most(), of.dialling().mostWaiting(), of.dialling().turn()));
  }
}
