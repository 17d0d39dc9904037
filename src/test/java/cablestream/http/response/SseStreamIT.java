package cablestream.http.response;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.browser.Refusal;
import cablestream.log.RawEvent;
import cablestream.support.embedded.EmbeddedContainer;
import cablestream.support.wire.RawClient;
import cablestream.support.wire.RawResponse;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams over real sockets, in each container. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SseStreamIT {
  private static final Duration SOON = Duration.ofSeconds(10);

  static Stream<EmbeddedContainer.Kind> containers() {
    return EmbeddedContainer.containers();
  }

  @ParameterizedTest
  @MethodSource("containers")
  void theFirstBytesLeaveAtOnceAndTheStreamStaysOpen(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect().get(AdapterHarness.PATH)) {
      StreamPlayer session = stage.stream().accept().send("retry: 2000\n\n");

      assertThat(client.head().status()).isEqualTo(200);
      assertThat(client.chunk()).isEqualTo("retry: 2000\n\n".getBytes(UTF_8));
      session.send("data: 1\n\n");
      assertThat(client.chunk()).isEqualTo("data: 1\n\n".getBytes(UTF_8));
      assertThat(session.gone).hasValue(0);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void theHeadersOfAStreamAreThoseOfTheProtocolAndNoOthers(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client =
            stage.connect().get(AdapterHarness.PATH, "Origin: http://page.example")) {
      stage.stream().accept().send("data: 1\n\n");

      RawResponse head = client.head();
      assertThat(head.headers())
          .filteredOn(line -> !line.startsWith("Date:") && !line.startsWith("Server:"))
          .containsExactlyInAnyOrder(
              "Content-Type: text/event-stream",
              "Cache-Control: no-cache, no-transform",
              "X-Accel-Buffering: no",
              "X-Session-Id: session1",
              "Cablestream-Session: 3e3ff9aa",
              "Set-Cookie: " + AdapterHarness.COOKIE,
              "Access-Control-Allow-Origin: http://page.example",
              "Access-Control-Allow-Credentials: true",
              "Access-Control-Expose-Headers: X-Session-Id, Retry-After",
              "Timing-Allow-Origin: http://page.example",
              "Transfer-Encoding: chunked");
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void anotherOriginThanTheSessionsIsNotNamed(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client =
            stage.connect().get(AdapterHarness.PATH, "Origin: http://evil.example")) {
      stage.stream().accept().send("data: 1\n\n");

      assertThat(client.head().headers()).noneMatch(line -> line.startsWith("Access-Control"));
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void eventsBetweenTwoFlushesGoOutTogether(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect().get(AdapterHarness.PATH)) {
      StreamPlayer session = stage.stream().accept().send("data: 0\n\n");
      client.head();
      client.chunk();

      session.send("data: 1\n\n".getBytes(UTF_8), "data: 2\n\n".getBytes(UTF_8), event(3_000));

      byte[] chunk = client.chunk();
      assertThat(chunk).hasSize(2 * 9 + 3_000).startsWith("data: 1\n\ndata: 2\n\n".getBytes(UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aSlowReaderGetsAllOf16MegabytesInOrder(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH)) {
      StreamPlayer session = stage.stream().accept();
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      int[] sizes = {20, 300, 5_000, 8_179, 8_180, 8_181, 8_192, 40, 100_000, 70, 1_000_000};
      for (int i = 0; sent.size() < 16 << 20; i++) {
        byte[] event = event(sizes[i % sizes.length], i);
        sent.write(event);
        session.send(event);
      }

      await().atMost(SOON).until(session::isBlocked);
      long taken = session.progress();
      assertThat(taken).isLessThan(sent.size());
      client.head();
      byte[] got = client.chunks(sent.size());

      assertThat(Arrays.mismatch(got, sent.toByteArray())).isEqualTo(-1);
      assertThat(session.writable).hasPositiveValue();
      assertThat(session.progress()).isEqualTo(sent.size());
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void oneEventOf16MegabytesIsNotTakenWhole(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH)) {
      byte[] large = event(16 << 20);
      StreamPlayer session = stage.stream().accept().send(large).send("data: next\n\n");

      await().atMost(SOON).until(session::isBlocked);
      assertThat(session.progress()).isLessThan(12 << 20);
      client.head();
      byte[] got = client.chunks(large.length + 12);

      assertThat(Arrays.mismatch(got, large)).isEqualTo(large.length);
      assertThat(new String(got, large.length, 12, UTF_8)).isEqualTo("data: next\n\n");
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void whatWasTakenGoesOutThoughTheSessionHasNothingMoreToSay(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH)) {
      byte[] large = event(16 << 20);
      StreamPlayer session = stage.stream().accept().send(large);
      await().atMost(SOON).until(() -> session.progress() > 0);

      client.head();

      assertThat(Arrays.mismatch(client.chunks(large.length), large)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void charactersOfSeveralBytesSurviveTheCuts(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect().get(AdapterHarness.PATH)) {
      String text = "data: x" + "€😀é".repeat(20_000) + "\n\n";
      stage.stream().accept().send(text);

      client.head();

      byte[] got = client.chunks(text.getBytes(UTF_8).length);
      assertThat(new String(got, UTF_8)).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aClientThatResetsIsGoneOnceAndCostsNoThread(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind)) {
      int before = 0;
      for (int i = 0; i < 15; i++) {
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH);
        StreamPlayer session = stage.stream().accept().send(event(100)).send(event(8 << 20));
        client.head();
        client.chunk();
        client.reset();

        await().atMost(SOON).until(() -> session.gone.get() > 0);
        long taken = session.progress();
        session.send("data: late\n\n").abort().finish();
        stage.settle();
        assertThat(session.gone).hasValue(1);
        assertThat(session.progress()).isEqualTo(taken);
        if (i == 5) {
          before = Thread.activeCount();
        }
      }
      assertThat(Thread.activeCount()).isLessThanOrEqualTo(before + 2);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aClientThatResetsWhileNothingIsWrittenIsFoundByTheNextWrites(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind)) {
      RawClient client = stage.connect().get(AdapterHarness.PATH);
      StreamPlayer session = stage.stream().accept().send("data: 1\n\n");
      client.head();
      client.chunk();
      client.reset();

      await()
          .atMost(SOON)
          .until(
              () -> {
                session.send(":\n\n");
                return session.gone.get() > 0;
              });
      stage.settle();
      assertThat(session.gone).hasValue(1);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void afterTheEndTheConnectionServesTheNextRequest(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect()) {
      for (int i = 0; i < 20; i++) {
        client.get(AdapterHarness.PATH);
        String text = "data: " + i + "\n\n";
        StreamPlayer session = stage.stream().accept().send(text).finish();

        RawResponse head = client.head();
        assertThat(client.body(head)).isEqualTo(text.getBytes(UTF_8));
        session.send("data: late\n\n").abort();
        assertThat(session.gone).hasValue(0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aWriteThatRacesWithTheEndNeverReachesTheNextAnswer(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect()) {
      byte[] event = "data: first\n\n".getBytes(UTF_8);
      for (int i = 0; i < 300; i++) {
        client.get(AdapterHarness.PATH);
        SseStream first = new SseStream(stage.exchange());
        first.accepted(StreamPlayer.ACCEPTANCE, new StreamPlayer(first, stage.pool()));
        var writing =
            stage
                .pool()
                .submit(
                    () -> {
                      for (int n = 0; n < 200; n++) {
                        if (first.isReady()) {
                          first.write(RawEvent.of(event));
                          first.flush();
                        }
                      }
                    });
        if (i % 2 == 0) {
          first.abort();
        } else {
          first.finish();
        }
        client.body(client.head());
        client.get(AdapterHarness.PATH);
        StreamPlayer second = stage.stream().accept().send("data: second\n\n").finish();
        RawResponse head = client.head();
        assertThat(new String(client.body(head), UTF_8)).isEqualTo("data: second\n\n");
        assertThat(second.gone).hasValue(0);
        writing.get(10, TimeUnit.SECONDS);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void finishingWaitsUntilEverythingIsOut(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH)) {
      byte[] large = event(9 << 20);
      StreamPlayer session = stage.stream().accept().send(large).finish();
      await().atMost(SOON).until(() -> session.progress() > 0);

      RawResponse head = client.head();
      assertThat(Arrays.mismatch(client.body(head), large)).isEqualTo(-1);
      client.get(AdapterHarness.PATH);
      stage.stream().accept().send("data: 2\n\n").finish();
      assertThat(client.body(client.head())).isEqualTo("data: 2\n\n".getBytes(UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aStreamOutlivesTheContainersIdleTimeout(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind, Duration.ofSeconds(2));
        RawClient client = stage.connect().get(AdapterHarness.PATH)) {
      StreamPlayer session = stage.stream().accept().send("data: 1\n\n");
      client.head();
      client.chunk();

      // Silence for two and a half timeouts, then heartbeats for two more. Not whole ones: a write
      // at the very end of one would count as one without progress.
      for (int pause : new int[] {5_000, 800, 800, 800, 800, 800}) {
        await()
            .atMost(Duration.ofSeconds(30))
            .pollDelay(Duration.ofMillis(pause))
            .until(() -> true);
        session.send(":\n\n");
        assertThat(client.chunk()).isEqualTo(":\n\n".getBytes(UTF_8));
      }
      assertThat(session.gone).hasValue(0);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aStreamThatWaitsForItsSessionOutlivesTheIdleTimeout(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind, Duration.ofSeconds(1));
        RawClient client = stage.connect().get(AdapterHarness.PATH)) {
      StreamPlayer session = stage.stream();
      await().pollDelay(Duration.ofSeconds(3)).until(() -> true);

      session.accept().send("data: 1\n\n");

      assertThat(client.head().status()).isEqualTo(200);
      assertThat(client.chunk()).isEqualTo("data: 1\n\n".getBytes(UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void abortingAStreamThatNobodyReadsKeepsNoThread(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind)) {
      RawClient[] clients = new RawClient[22];
      for (int i = 0; i < clients.length; i++) {
        clients[i] = stage.connectWithSmallWindow().get(AdapterHarness.PATH);
        StreamPlayer session = stage.stream().accept().send(event(8 << 20)).send(event(10));
        await().atMost(SOON).until(session::isBlocked);
        session.abort();
      }

      // If a container's thread blocked for each, none of its 20 would be left for this one.
      try (RawClient other = stage.connect().get(AdapterHarness.PATH)) {
        stage.stream().accept().send("data: 1\n\n");
        assertThat(other.head().status()).isEqualTo(200);
      }
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void anAbortedStreamEndsAsSoonAsItsClientReads(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH)) {
      byte[] large = event(8 << 20);
      StreamPlayer session = stage.stream().accept().send(large).send(event(10));
      await().atMost(SOON).until(session::isBlocked);

      session.abort();

      assertThat(client.body(client.head())).hasSizeLessThan(large.length);
      assertThat(session.gone).hasValue(0);
      client.get(AdapterHarness.PATH);
      stage.stream().accept().send("data: 2\n\n").finish();
      assertThat(client.body(client.head())).isEqualTo("data: 2\n\n".getBytes(UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aStreamThatNobodyReadsIsEndedByTheContainerInTheEnd(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind, Duration.ofSeconds(1));
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH);
        RawClient other = stage.connectWithSmallWindow().get(AdapterHarness.PATH)) {
      StreamPlayer session = stage.stream().accept().send(event(8 << 20)).send(event(10));
      StreamPlayer aborted = stage.stream().accept().send(event(8 << 20)).send(event(10));
      await().atMost(SOON).until(() -> session.isBlocked() && aborted.isBlocked());
      aborted.abort();

      await().atMost(SOON).untilAsserted(() -> assertThat(session.gone).hasValue(1));
      assertThat(client.rest()).hasSizeLessThan(8 << 20);
      assertThat(other.rest()).hasSizeLessThan(8 << 20);
      assertThat(aborted.gone).hasValue(0);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void stoppingTheContainerIsHeardByItsStreams(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect().get(AdapterHarness.PATH);
        RawClient early = stage.connect()) {
      StreamPlayer session = stage.stream().accept().send("data: 1\n\n");
      client.head();
      client.chunk();
      early.get(AdapterHarness.PATH);
      StreamPlayer late = stage.stream();

      stage.stopContainer();
      late.accept();

      // Jetty has no thread left to report a failed write; the next write fails.
      await().atMost(SOON).until(() -> session.send(":\n\n").gone.get() > 0);
      await().atMost(SOON).until(() -> late.send(":\n\n").gone.get() > 0);
      stage.settle();
      assertThat(session.gone).hasValue(1);
      assertThat(late.gone).hasValue(1);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aRefusalIsJsonWithItsStatus(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect().get(AdapterHarness.PATH, "Origin: http://any.example")) {
      stage.stream().refuse(new Refusal(503, "too many sessions", 5));

      RawResponse head = client.head();
      assertThat(head.status()).isEqualTo(503);
      assertThat(head.header("Content-Type")).hasValue("application/json");
      assertThat(head.header("Retry-After")).hasValue("5");
      assertThat(head.header("Cache-Control")).hasValue("no-store");
      assertThat(head.header("Access-Control-Allow-Origin")).hasValue("http://any.example");
      assertThat(new String(client.body(head), UTF_8))
          .isEqualTo("{\"error\":\"too many sessions\"}");
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aStreamThatIsOverForGoodIsAnswered204WithoutABody(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect().get(AdapterHarness.PATH)) {
      stage.stream().refuse(new Refusal(204, null));

      RawResponse head = client.head();
      assertThat(head.status()).isEqualTo(204);
      assertThat(head.header("Content-Type")).isEmpty();
      assertThat(head.header("Transfer-Encoding")).isEmpty();
      client.get(AdapterHarness.PATH);
      stage.stream().refuse(new Refusal(404, "no such session"));
      assertThat(client.head().status()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void theBodyOfAPostThatListensIsIgnored(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind)) {
      for (String framing : new String[] {"Content-Length: 100000", "Transfer-Encoding: chunked"}) {
        try (RawClient client = stage.connect().request("POST", AdapterHarness.PATH, framing)) {
          client.send("5\r\nGET /\r\n");
          StreamPlayer session = stage.stream().accept().send("data: 1\n\n");
          assertThat(client.head().status()).isEqualTo(200);
          assertThat(client.chunk()).isEqualTo("data: 1\n\n".getBytes(UTF_8));

          session.send("data: 2\n\n").finish();

          assertThat(client.chunk()).isEqualTo("data: 2\n\n".getBytes(UTF_8));
          assertThat(client.chunk()).isEmpty();
        }
      }
    }
  }

  private static byte[] event(int size) {
    return event(size, 0);
  }

  /** Bytes in which a lost, repeated or reordered piece is visible. */
  private static byte[] event(int size, int seed) {
    byte[] event = new byte[size];
    for (int i = 0; i < size; i++) {
      event[i] = (byte) ('a' + (i / 7 + seed + i) % 23);
    }
    return event;
  }
}
