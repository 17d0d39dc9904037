package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.concurrent.DaemonThreads;
import cablestream.support.NoFaults;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressCheckTest {
  private final DaemonThreads threads = new DaemonThreads("address-check");

  @AfterEach
  void join() throws InterruptedException {
    assertThat(threads.join(10_000)).isTrue();
  }

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
    assertThat(new AddressCheck(settings(wildcard), "self", threads).address())
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

  @NoFaults.Expected
  @Test
  void aServerThatAnswersByteByByteDoesNotDelayTheLease() throws Exception {
    try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> answerSlowly(slow));
      server.start();
      AddressCheck check = check(slow.getLocalPort());

      long before = System.nanoTime();
      beat(check, 15);

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
      assertThat(check.isUnreachable()).isTrue();
      server.interrupt();
      server.join();
    }
  }

  /** For five seconds, or until it is interrupted. */
  private static void answerSlowly(ServerSocket listener) {
    try (Socket socket = listener.accept()) {
      for (int i = 0; i < 20; i++) {
        socket.getOutputStream().write("HTTP/1.1 200 OK\r\nA: bcd".charAt(i));
        Thread.sleep(250);
      }
    } catch (IOException | InterruptedException e) {
      // The test is over.
    }
  }

  @NoFaults.Expected
  @Test
  void theAddressIsRequestedUntilThisNodeAnswersThere() throws Exception {
    AtomicReference<String> node = new AtomicReference<>("another");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/-/ready",
        exchange -> {
          byte[] body = ("{\"node\":\"" + node + "\"}").getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      AddressCheck check = check(server.getAddress().getPort());
      beat(check, 5);
      await().until(check::isUnreachable);
      node.set("self");
      beat(check, 10);
      await().until(() -> !check.isUnreachable());
    } finally {
      server.stop(0);
    }
  }

  private AddressCheck check(int port) {
    URI address = URI.create("http://127.0.0.1:" + port);
    AddressCheck check = new AddressCheck(settings(address), "self", threads);
    assertThat(check.address()).isEqualTo(address);
    return check;
  }

  private static void beat(AddressCheck check, int times) {
    for (int i = 0; i < times; i++) {
      check.review(List.of());
    }
  }

  private static ClusterSettings settings(URI address) {
    return new ClusterSettings(URI.create("redis://127.0.0.1:6379"), "s".repeat(32), address);
  }

  private static Node node(String address) {
    return new Node("other", URI.create(address), true, Node.PROTOCOL);
  }
}
