package cablestream.http.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.255.255.255",
        "::1",
        "0:0:0:0:0:0:0:1",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.7.7",
        "fd12:3456::1",
        "fd12::1%eth0",
        "::ffff:10.0.0.1",
      })
  void loopbackAndPrivateAddressesAreTrustedByDefault(String address) {
    assertThat(TrustedProxies.DEFAULT.contains(address)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "203.0.113.9",
        "172.15.255.255",
        "172.32.0.0",
        "11.0.0.0",
        "2001:db8::1",
        "::2",
        "::ffff:203.0.113.9",
        "localhost",
        "10.0.0",
        "10.0.0.256",
        "unknown",
        "",
        "10.0.0.1:443",
        "10.0.0.1, 10.0.0.2",
      })
  void nobodyElseIs(String address) {
    assertThat(TrustedProxies.DEFAULT.contains(address)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "198.51.100.0/24, 198.51.100.255, true",
    "198.51.100.0/24, 198.51.101.0, false",
    "198.51.100.7, 198.51.100.7, true",
    "198.51.100.7, 198.51.100.6, false",
    "198.51.100.6/31, 198.51.100.7, true",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::/0, 2001:db8::1, true",
  })
  void aNetworkIsItsPrefix(String network, String address, boolean isTrusted) {
    assertThat(TrustedProxies.of(List.of(network)).contains(address)).isEqualTo(isTrusted);
  }

  @Test
  void withoutANetworkNobodyIsTrusted() {
    assertThat(TrustedProxies.of(List.of()).contains("127.0.0.1")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/33",
        "::1/129",
        "10.0.0.0/",
        "10.0.0.0/x",
        "10.0.0.0/-1",
        "proxy",
        "",
        "/8"
      })
  void whatIsNoNetworkIsRefusedByName(String network) {
    assertThatThrownBy(() -> TrustedProxies.of(List.of(network)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(network);
  }

  @Test
  void itsTextIsTheSetting() {
    assertThat(TrustedProxies.of(List.of("10.0.0.0/8", "::1"))).hasToString("10.0.0.0/8, ::1");
  }
}
