package cablestream.http.response;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.browser.Listener;
import cablestream.browser.Listener.PollAnswer;
import cablestream.browser.Refusal;
import cablestream.log.Event;
import cablestream.session.Events;
import cablestream.support.embedded.EmbeddedContainer;
import cablestream.support.wire.RawClient;
import cablestream.support.wire.RawResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Polls over real sockets, in each container. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LongPollServletIT {
  static Stream<EmbeddedContainer.Kind> containers() {
    return EmbeddedContainer.containers();
  }

  @ParameterizedTest
  @MethodSource("containers")
  void pollsOfOneConnectionAreAnsweredOneAfterTheOther(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect()) {
      for (int i = 1; i <= 20; i++) {
        client.get(AdapterHarness.PATH, "Origin: http://page.example");
        PollAnswer answer = answer(Events.received(i, "\"é" + i + "\""));
        poll(stage).answer(answer);

        RawResponse head = client.head();
        assertThat(client.body(head)).isEqualTo(PollBody.of(answer));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void theHeadersOfAnAnswerAreThoseOfTheProtocolAndNoOthers(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client =
            stage.connect().get(AdapterHarness.PATH, "Origin: http://page.example")) {
      PollAnswer answer = answer(Events.received(1, "1"));
      poll(stage).answer(answer);

      assertThat(client.head().headers())
          .filteredOn(line -> !line.startsWith("Date:") && !line.startsWith("Server:"))
          .containsExactlyInAnyOrder(
              "Content-Type: application/json",
              "Cache-Control: no-store",
              "X-Session-Id: session1",
              "Cablestream-Session: 3e3ff9aa",
              "Set-Cookie: " + AdapterHarness.COOKIE,
              "Access-Control-Allow-Origin: http://page.example",
              "Access-Control-Allow-Credentials: true",
              "Access-Control-Expose-Headers: X-Session-Id, Retry-After",
              "Timing-Allow-Origin: http://page.example",
              "Content-Length: " + PollBody.of(answer).length);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aPollOutlivesTheContainersIdleTimeout(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind, Duration.ofSeconds(1));
        RawClient client = stage.connect().get(AdapterHarness.PATH)) {
      LongPoll poll = poll(stage);
      await().pollDelay(Duration.ofSeconds(3)).until(() -> true);

      poll.answer(answer());

      assertThat(client.head().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aLargeAnswerBlocksNobodyAndArrivesWhole(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH)) {
      PollAnswer answer = answer(Events.received(1, "\"" + "é€😀".repeat(1 << 20) + "\""));

      poll(stage).answer(answer);

      RawResponse head = client.head();
      assertThat(client.body(head)).isEqualTo(PollBody.of(answer));
      client.get(AdapterHarness.PATH);
      poll(stage).answer(answer());
      assertThat(client.head().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aCallerWhoLeavesInTheMiddleOfTheAnswerIsGoneOnce(EmbeddedContainer.Kind kind)
      throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connectWithSmallWindow().get(AdapterHarness.PATH)) {
      AtomicInteger gone = new AtomicInteger();
      LongPoll poll = new LongPoll(stage.exchange(), stage.responses());
      poll.accepted(StreamPlayer.ACCEPTANCE, attachment(gone));
      poll.answer(answer(Events.received(1, "\"" + "x".repeat(9 << 20) + "\"")));
      client.head();

      client.reset();

      await().untilAsserted(() -> assertThat(gone).hasValue(1));
      stage.settle();
      assertThat(gone).hasValue(1);
    }
  }

  @ParameterizedTest
  @MethodSource("containers")
  void aRefusalMayFollowTheAcceptance(EmbeddedContainer.Kind kind) throws Exception {
    try (AdapterHarness stage = new AdapterHarness(kind);
        RawClient client = stage.connect().get(AdapterHarness.PATH)) {
      poll(stage).refused(new Refusal(410, "this session has ended for good"));

      RawResponse head = client.head();
      assertThat(head.status()).isEqualTo(410);
      assertThat(new String(client.body(head), UTF_8)).contains("ended for good");
    }
  }

  private static LongPoll poll(AdapterHarness stage) throws InterruptedException {
    LongPoll poll = new LongPoll(stage.exchange(), stage.responses());
    poll.accepted(StreamPlayer.ACCEPTANCE, attachment(new AtomicInteger()));
    return poll;
  }

  private static Listener.Attachment attachment(AtomicInteger gone) {
    return new Listener.Attachment() {
      @Override
      public void writable() {
        throw new AssertionError("a poll never waits to be writable");
      }

      @Override
      public void gone() {
        gone.incrementAndGet();
      }
    };
  }

  private static PollAnswer answer(Event... events) {
    return new PollAnswer("session1", List.of(events), 0L, 0, List.of());
  }
}
