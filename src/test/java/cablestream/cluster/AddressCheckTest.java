package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressCheckTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.5, http://10.0.0.5:8080/cable-events",
    "fd00::5, http://[fd00:0:0:0:0:0:0:5]:8080/cable-events",
    "127.0.0.1, http://own.invalid:8080/cable-events",
    "0.0.0.0, http://own.invalid:8080/cable-events",
    "::, http://own.invalid:8080/cable-events",
    "::1, http://own.invalid:8080/cable-events"
  })
  void theDefaultIsWhereTheNodeListensUnlessThatIsOneMachineOrEveryAddress(
      String listening, URI address) throws Exception {
    assertThat(
            ClusterSettings.ownAddress(InetAddress.getByName(listening), "8080", "/cable-events"))
        .isEqualTo(address);
  }

  @Test
  void theStoresRouteSelectsTheAddressWhereTheNodeListensOnAll() {
    URI wildcard = ClusterSettings.ownAddress(null, "8080", "/cable-events");
    assertThat(new AddressCheck(settings(wildcard), "self").address())
        .isEqualTo(URI.create("http://127.0.0.1:8080/cable-events"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"})
  void aLoopbackAddressIsUnreachableForNodesOnOtherMachines(URI own) {
    assertThat(AddressCheck.contradiction(own, List.of(node("http://10.0.0.6:8080"))))
        .contains("loopback");
  }

  @Test
  void nodesOnOneMachineMayAllHaveLoopbackAddresses() {
    assertThat(
            AddressCheck.contradiction(
                URI.create("http://127.0.0.1:8080"), List.of(node("http://127.0.0.1:8081"))))
        .isNull();
  }

  @Test
  void twoNodesCannotHaveTheSameAddress() {
    assertThat(
            AddressCheck.contradiction(
                URI.create("http://127.0.0.1:8080"), List.of(node("http://127.0.0.1:8080"))))
        .contains("same address");
  }

  @Test
  void anAddressOfItsOwnIsNotContradicted() {
    assertThat(
            AddressCheck.contradiction(
                URI.create("http://10.0.0.5:8080"), List.of(node("http://127.0.0.1:8080"))))
        .isNull();
  }

  private static ClusterSettings settings(URI address) {
    return new ClusterSettings(URI.create("redis://127.0.0.1:6379"), "s".repeat(32), address);
  }

  private static Node node(String address) {
    return new Node("other", URI.create(address), true, Node.PROTOCOL);
  }
}
