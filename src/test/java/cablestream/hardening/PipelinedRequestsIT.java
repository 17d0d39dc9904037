package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many connections that send one request after the other and never read a response, to {@code java
 * -jar}, whose Jetty has eight threads on two processors. The bridge has warmed up: while the
 * virtual machine compiles, all clients wait, and the longer the more requests arrive.
 */
@Timeout(120)
class PipelinedRequestsIT {
  private static final int CONNECTIONS = 200;
  private static final int STALL_SECONDS = 2;
  private static final int TRIALS = 100;
  private static final Pattern WARMED_UP = Pattern.compile("event=warmed_up");

  private static final Duration NOTICEABLE = Duration.ofSeconds(1);

  /** Jetty's idle timeout of a connection. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private static CableServer cable;
  private static StandaloneBridge bridge;
  private static Listening listening;
  private static Duration undisturbed;

  @BeforeAll
  static void start() {
    cable = new CableServer();
    bridge =
        StandaloneBridge.start(
            Map.of(
                "cable.url",
                cable.url().toString(),
                "http.port",
                "0",
                "stall",
                STALL_SECONDS + "s",
                "warm-up",
                "10s"));
    listening = bridge.awaitListening();
    bridge.process().await(0, WARMED_UP, StandaloneBridge.PATIENCE);
    for (int i = 0; i < 3; i++) {
      p99();
    }
    undisturbed = p99();
  }

  @AfterAll
  static void stop() {
    bridge.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /-/health",
        "GET /-/nothing",
        "GET /-/cablestream.js",
        "GET /-/status",
        "GET /-/metrics",
        "GET /short",
        "OPTIONS /0123456789abcdef",
        "HEAD /0123456789abcdef",
        "PUT /-/health",
        "DELETE /0123456789abcdef",
        "GET /0123456789abcdef?ping=x"
      })
  void nobodyElseWaitsAndTheyAreCutOff(String request) throws Exception {
    try (Flood flood = Flood.of(request)) {
      flood.awaitCutOff(Duration.ofSeconds(4 * STALL_SECONDS));
    }
    assertNothingIsLogged();
  }

  /** Jetty cuts a connection off after {@link #IDLE} if its response isn't read. */
  @Test
  void norWhereTheContainerAnswers() throws Exception {
    List<Flood> floods = new ArrayList<>();
    try {
      for (String request :
          List.of(
              "GET /WEB-INF/web.xml", "GET /%2e%2e%2fx", "TRACE /-/health", "GET /-/echo/cable")) {
        floods.add(Flood.of(request));
      }
      for (Flood flood : floods) {
        flood.awaitCutOff(IDLE.multipliedBy(2));
      }
    } finally {
      floods.forEach(Flood::close);
    }
    assertNothingIsLogged();
  }

  private static void assertNothingIsLogged() {
    assertThat(bridge.process().log()).doesNotContain("SEVERE").doesNotContain("WARNING");
  }

  /**
   * Connections that all send the same request.
   *
   * @param measured when the bystander had been served, by System.nanoTime()
   */
  private record Flood(String request, List<SocketChannel> connections, long measured)
      implements AutoCloseable {
    /** Opens them, and checks that a bystander isn't delayed. */
    static Flood of(String request) throws IOException {
      List<SocketChannel> connections = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        connections.add(pipeline(request));
      }
      Duration disturbed = p99();
      System.out.printf(
          "%s: p99 %d ms, undisturbed %d ms%n",
          request, disturbed.toMillis(), undisturbed.toMillis());
      // Other processes of the machine cause delays as well.
      assertThat(disturbed)
          .as("p99 of a bystander beside %s", request)
          .isLessThan(NOTICEABLE.plus(undisturbed.multipliedBy(6)));
      return new Flood(request, connections, System.nanoTime());
    }

    void awaitCutOff(Duration patience) {
      await(request)
          .atMost(patience.minusNanos(System.nanoTime() - measured))
          .until(() -> connections.stream().allMatch(PipelinedRequestsIT::isCut));
    }

    @Override
    public void close() {
      for (SocketChannel connection : connections) {
        try {
          connection.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Writes as many requests as the connection accepts. */
  private static SocketChannel pipeline(String request) throws IOException {
    String[] words = request.split(" ");
    String text =
        "%s %s%s HTTP/1.1\r\nHost: a\r\n\r\n".formatted(words[0], listening.path(), words[1]);
    SocketChannel connection = SocketChannel.open();
    connection.setOption(StandardSocketOptions.SO_RCVBUF, 4 * 1024);
    connection.connect(new InetSocketAddress("127.0.0.1", listening.port()));
    connection.configureBlocking(false);
    ByteBuffer requests =
        ByteBuffer.wrap(text.repeat(20_000).getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();
    int quiet = 0;
    while (requests.hasRemaining() && quiet < 3) {
      quiet = connection.write(requests) == 0 ? quiet + 1 : 0;
    }
    return connection;
  }

  private static boolean isCut(SocketChannel connection) {
    try {
      // Half a request gets no response.
      connection.write(ByteBuffer.wrap(new byte[] {'G'}));
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** The 99th percentile of a bystander's waits. */
  private static Duration p99() {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < TRIALS; i++) {
      waits.add(askedFor());
      waits.add(opened());
    }
    waits.sort(null);
    return Duration.ofNanos(waits.get(waits.size() * 99 / 100));
  }

  private static long askedFor() {
    long before = System.nanoTime();
    assertThat(listening.request("GET", "/-/health").send().status()).isEqualTo(200);
    return System.nanoTime() - before;
  }

  private static long opened() {
    long before = System.nanoTime();
    String id = UUID.randomUUID().toString();
    RawResponse polled = ofVisitor("GET", "/" + id + "?timeout=0").send();
    assertThat(polled.status()).as(polled.toString()).isEqualTo(200);
    ofVisitor("DELETE", "/" + id).send();
    return System.nanoTime() - before;
  }

  private static RawRequest ofVisitor(String method, String target) {
    return listening
        .request(method, target)
        .header("Origin", "http://127.0.0.1:" + listening.port())
        .header("Cookie", "user=bystander");
  }
}
