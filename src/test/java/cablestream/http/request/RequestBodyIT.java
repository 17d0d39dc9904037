package cablestream.http.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.browser.Refusal;
import cablestream.concurrent.Timers;
import cablestream.http.response.AdapterHarness;
import cablestream.http.response.Exchange;
import cablestream.http.response.StreamPlayer;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.support.FakeTimers;
import cablestream.support.embedded.EmbeddedContainer;
import cablestream.support.wire.RawClient;
import cablestream.support.wire.RawResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies over real sockets, in each container; the response to a complete body repeats it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestBodyIT {
  private static final int LIMIT = 10_000;
  private static final String OTHER = "Network: 198.51.100.7";
  private static final String CHUNKED = "Transfer-Encoding: chunked";

  private final SharedTimers timers = new SharedTimers();

  /** Memory for some bodies, and a reserve. */
  private final Account account = new Account(6 * 8 * 8 * LIMIT, 0);

  private final RequestBodies bodies =
      new RequestBodies(account, timers, Runnable::run, limit -> {});

  /** Bodies whose requests have reached the bridge. */
  private final AtomicInteger begun = new AtomicInteger();

  private final BlockingQueue<Refusal> refusals = new LinkedBlockingQueue<>();

  static Stream<EmbeddedContainer.Kind> containers() {
    return EmbeddedContainer.containers();
  }

  @ParameterizedTest
  @MethodSource("containers")
  void bodiesArriveWholeHoweverTheyAreSent(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = stage(kind);
        RawClient client = stage.connect()) {
      for (int size : new int[] {0, 1, 2_047, 2_048, 2_049, LIMIT - 1, LIMIT}) {
        String body = "é".repeat(size / 2) + "x".repeat(size % 2);
        client.request("POST", AdapterHarness.PATH, "Content-Length: " + size).send(body);
        assertThat(text(client)).isEqualTo(body);
        client.request("POST", AdapterHarness.PATH, CHUNKED).send(chunk(body)).send("0\r\n\r\n");
        assertThat(text(client)).isEqualTo(body);
      }
      assertThat(timers.pending()).as("timeouts still set").isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aBodyMayArriveByteByByte(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = stage(kind);
        RawClient client = announce(stage, 200)) {
      for (int i = 0; i < 200; i++) {
        client.send("x");
      }
      assertThat(text(client)).isEqualTo("x".repeat(200));
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aBodyThatSaysItIsTooLargeIsRefusedThoughItNeverComes(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = stage(kind);
        RawClient client = announce(stage, LIMIT + 1)) {
      await().until(() -> timers.pending() == 1);
      timers.advance(ExcessBody.TIMEOUT);
      assertThat(client.head().status()).isEqualTo(413);
    }
    try (AdapterHarness stage = stage(kind);
        RawClient client = announce(stage, 9_000_000_000_000_000_000L)) {
      assertThat(client.head().status()).isEqualTo(413);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aBodyThatSaysItIsTooLargeIsRefusedOnceItIsThere(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = stage(kind);
        RawClient client = announce(stage, LIMIT + 1)) {
      client.send("x".repeat(LIMIT));
      await().until(() -> timers.pending() == 1);
      assertThat(refusals).isEmpty();

      client.send("x");

      assertThat(client.head().status()).isEqualTo(413);
      assertThat(timers.pending()).as("timeouts still set").isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aBodyThatTurnsOutTooLargeIsRefused(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = stage(kind);
        RawClient client = stage.connect().request("POST", AdapterHarness.PATH, CHUNKED)) {
      client.send(chunk("x".repeat(LIMIT + 1)));

      RawResponse head = client.head();
      assertThat(head.status()).isEqualTo(413);
      assertThat(new String(client.body(head), UTF_8)).contains("larger than 10000 bytes");
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void chunksWithoutEndAreCutOff(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = stage(kind);
        RawClient client = stage.connect().request("POST", AdapterHarness.PATH, CHUNKED)) {
      byte[] chunk = chunk("x".repeat(4_000)).getBytes(UTF_8);
      int sent = 0;
      try {
        for (; sent < 64 << 20; sent += chunk.length) {
          client.send(chunk);
        }
      } catch (IOException cut) {
        // As expected.
      }
      assertThat(sent).isLessThan(64 << 20);
      assertThat(refusals).hasSize(1).allMatch(refusal -> refusal.status() == 413);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void bodiesThatAreNeverFinishedGiveWayToThoseOfOtherNetworks(EmbeddedContainer.Kind kind)
      throws Exception {
    List<RawClient> unfinished = new ArrayList<>();
    try (AdapterHarness stage = stage(kind)) {
      for (int i = 0; i < 8; i++) {
        RawClient client = announce(stage, LIMIT);
        unfinished.add(client.send("x".repeat(LIMIT - 1)));
      }
      await().until(() -> !refusals.isEmpty() && account.used(Kind.BODY) > LIMIT);
      assertThat(refusals).allMatch(refusal -> refusal.status() == 503);

      for (int size : new int[] {LIMIT, 2}) {
        String body = "x".repeat(size);
        try (RawClient other =
            stage
                .connect()
                .request("POST", AdapterHarness.PATH, OTHER, "Content-Length: " + size)) {
          assertThat(text(other.send(body))).isEqualTo(body);
        }
      }
      timers.advance(RequestBody.TIMEOUT);
      await().until(() -> account.used() == 0);
    } finally {
      for (RawClient client : unfinished) {
        client.close();
      }
    }
  }

  /** As in an attack by thousands: each announces nine bytes, and sends none. */
  @ParameterizedTest
  @MethodSource("containers")
  void smallBodiesThatNeverComeGiveWayToThoseOfOtherNetworks(EmbeddedContainer.Kind kind)
      throws Exception {
    List<RawClient> silent = new ArrayList<>();
    try (AdapterHarness stage = stage(kind)) {
      for (int i = 0; i < 150; i++) {
        int before = begun.get();
        silent.add(announce(stage, 9));
        await().until(() -> begun.get() > before);
        if (i % 10 == 0) {
          try (RawClient other =
              stage.connect().request("POST", AdapterHarness.PATH, OTHER, "Content-Length: 2")) {
            assertThat(text(other.send("[]"))).isEqualTo("[]");
          }
        }
      }
      assertThat(silent.get(0).head().status()).as("the oldest").isEqualTo(503);
      assertThat(account.refused(Kind.BODY)).isZero();
      assertThat(text(silent.get(149).send("123456789"))).as("the newest").isEqualTo("123456789");
      timers.advance(RequestBody.TIMEOUT);
      await().until(() -> account.used() == 0);
    } finally {
      for (RawClient client : silent) {
        client.close();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aBodyThatTakesTooLongIsRefused(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = stage(kind);
        RawClient client = announce(stage, 100)) {
      client.send("x");
      await().until(() -> timers.pending() == 1);

      timers.advance(RequestBody.TIMEOUT.minusMillis(1));
      client.send("x");
      assertThat(refusals).isEmpty();
      timers.advance(Duration.ofMillis(1));

      assertThat(client.head().status()).isEqualTo(408);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void whatComesAfterTheTimeoutChangesNothing(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = stage(kind);
        RawClient client = announce(stage, 4)) {
      client.send("x");
      await().until(() -> timers.pending() == 1);
      timers.advance(RequestBody.TIMEOUT);
      RawResponse head = client.head();
      assertThat(head.status()).isEqualTo(408);
      client.body(head);

      client.send("xxxGET / HTTP/1.1\r\nHost: smuggled\r\n\r\n");

      assertThat(new String(client.rest(), UTF_8)).doesNotContain("xxx");
      assertThat(refusals).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aBodyThatStallsIsEndedByTheContainersIdleTimeoutAtTheLatest(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = stage(kind, Duration.ofSeconds(1));
        RawClient client = announce(stage, 100)) {
      client.send("x").rest();

      await().untilAsserted(() -> assertThat(refusals).hasSize(1));
      assertThat(timers.pending()).as("timeouts still set").isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aCallerWhoLeavesWithinTheBodyLeavesNothingBehind(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = stage(kind)) {
      for (int i = 0; i < 5; i++) {
        RawClient client = announce(stage, 100);
        client.send("x");
        await().until(() -> timers.pending() == 1);

        client.reset();

        await().until(() -> timers.pending() == 0);
      }
      assertThat(refusals).hasSize(5);
      try (RawClient client = announce(stage, 1)) {
        assertThat(text(client.send("y"))).isEqualTo("y");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void refusedBodiesThatNeverEndKeepNoThread(EmbeddedContainer.Kind kind) throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try (AdapterHarness stage = stage(kind)) {
      for (int i = 0; i < 40; i++) {
        boolean honest = i % 2 == 0;
        RawClient client = stage.connect();
        clients.add(client);
        client.request("POST", AdapterHarness.PATH, honest ? "Content-Length: 1000000" : CHUNKED);
        client.send(chunk("x".repeat(LIMIT + 1)));
        if (honest) {
          await().until(() -> timers.pending() == 1);
          timers.advance(ExcessBody.TIMEOUT);
        }
        assertThat(client.head().status()).isEqualTo(413);
      }

      // If a container's thread blocked for each, none of its 20 would be left for this one.
      try (RawClient client = announce(stage, 1)) {
        assertThat(text(client.send("y"))).isEqualTo("y");
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  private AdapterHarness stage(EmbeddedContainer.Kind kind) throws Exception {
    return stage(kind, Duration.ofSeconds(30));
  }

  private AdapterHarness stage(EmbeddedContainer.Kind kind, Duration idle) throws Exception {
    return new AdapterHarness(kind, idle, this::read);
  }

  private void read(HttpServletRequest request, Exchange exchange) throws IOException {
    String network = request.getHeader("Network");
    bodies.read(
        request,
        network == null ? "192.0.2.1" : network,
        new BodyLimit("max-body", LIMIT),
        new RequestBody.Receiver() {
          @Override
          public void received(byte[] body, Holder holder) {
            exchange.answer(StreamPlayer.ACCEPTANCE, body);
          }

          @Override
          public void refused(Refusal refusal) {
            refusals.add(refusal);
            exchange.refuse(refusal);
          }
        });
    begun.incrementAndGet();
  }

  /** Begins a POST with a body of this length, none of which is sent yet. */
  private static RawClient announce(AdapterHarness stage, long length) throws IOException {
    return stage.connect().request("POST", AdapterHarness.PATH, "Content-Length: " + length);
  }

  private static String text(RawClient client) throws IOException {
    RawResponse head = client.head();
    assertThat(head.status()).isEqualTo(200);
    return new String(client.body(head), UTF_8);
  }

  private static String chunk(String text) {
    int length = text.getBytes(UTF_8).length;
    return length == 0 ? "" : Integer.toHexString(length) + "\r\n" + text + "\r\n";
  }

  /** The container's threads set and cancel timers while the test advances time. */
  private static final class SharedTimers implements Timers {
    private final FakeTimers timers = new FakeTimers();

    @Override
    public synchronized long nanoTime() {
      return timers.nanoTime();
    }

    @Override
    public long lateMillis() {
      return timers.lateMillis();
    }

    @Override
    public synchronized Timer after(long milliseconds, Runnable task) {
      Timer timer = timers.after(milliseconds, task);
      return () -> cancel(timer);
    }

    synchronized void advance(Duration time) {
      timers.advance(time);
    }

    synchronized int pending() {
      return timers.pending();
    }

    private synchronized void cancel(Timer timer) {
      timer.cancel();
    }
  }
}
