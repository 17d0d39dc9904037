package cablestream.http.response;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Listener;
import cablestream.http.response.FakeOutput.Piece;
import cablestream.log.Event;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.support.NoFaults;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every order in which a session, a container and a disconnecting client can use a response. */
class NonBlockingResponseTest {
  private final FakeOutput container = new FakeOutput();
  private final Session session = new Session();
  private NonBlockingResponse response;

  @BeforeEach
  void start() throws IOException {
    response = container.start();
  }

  @Test
  void nothingIsTouchedBeforeTheContainerSaysSo() throws IOException {
    response.attach(session);
    assertThat(response.isReady()).isFalse();

    container.becomesReady();

    assertThat(session.writable).isEqualTo(1);
    assertThat(response.isReady()).isTrue();
  }

  @Test
  void whatIsAnsweredBeforeTheContainerSaysSoGoesOutThen() throws IOException {
    response.answer(bytes("{}"), head -> {});
    assertThat(container.pieces).isEmpty();

    container.becomesReady();

    assertThat(container.sent()).isEqualTo("{}");
    assertThat(container.completions).isEqualTo(1);
  }

  @Test
  void aSmallEventIsCopiedAtOnce() throws IOException {
    container.becomesReady();
    byte[] event = bytes("data: 1\n\n");

    write(event);
    Arrays.fill(event, (byte) 'x');
    response.flush();

    assertThat(container.sent()).isEqualTo("data: 1\n\n");
    assertThat(container.flushes).isEqualTo(1);
  }

  @Test
  void aLoneLargeEventIsWrittenFromItsOwnArray() throws IOException {
    container.becomesReady();
    byte[] event = bytes("data: " + "1".repeat(Event.COPIED) + "\n\n");

    write(event);
    response.flush();

    assertThat(container.pieces).containsExactly(new Piece(event, 0, event.length));
    assertThat(container.flushes).isEqualTo(1);
  }

  @Test
  void severalEventsAreOneWriteAndOneFlush() throws IOException {
    container.becomesReady();

    write(bytes("data: 1\n\n"));
    write(bytes("data: 2\n\n"));
    write(bytes("data: 3\n\n"));
    assertThat(container.pieces).isEmpty();
    response.flush();

    assertThat(container.pieces).hasSize(1);
    assertThat(container.flushes).isEqualTo(1);
    assertThat(response.isReady()).isTrue();
    assertThat(container.sent()).isEqualTo("data: 1\n\ndata: 2\n\ndata: 3\n\n");
  }

  @Test
  void aFlushWithNothingTakenIsNone() throws IOException {
    container.becomesReady();
    response.flush();
    write(bytes("data: 1\n\n"));
    response.flush();
    response.flush();

    assertThat(container.flushes).isEqualTo(1);
  }

  @Test
  void aLargeEventIsWrittenInPiecesFromItsOwnArray() throws IOException {
    container.becomesReady();
    byte[] event = "x".repeat(20_000).getBytes(UTF_8);

    write(event);
    response.flush();

    assertThat(container.pieces).hasSize(3).allMatch(piece -> piece.array() == event);
    assertThat(response.progress()).isEqualTo(20_000);
  }

  @Test
  void theRestOfALargeEventGoesOutWithoutTheSession() throws IOException {
    response.attach(session);
    container.takes(2).becomesReady(2);
    String event = "x".repeat(60_000);
    write(bytes(event));
    response.flush();
    assertThat(container.pieces).hasSize(2);

    container.becomesReady(3);
    container.becomesReady();
    settle();

    assertThat(container.sent()).isEqualTo(event);
    assertThat(container.flushes).isEqualTo(1);
    assertThat(session.writable).as("nobody was told to wait").isZero();
  }

  @Test
  void whoIsToldToWaitIsToldWhenTheRestIsOut() throws IOException {
    response.attach(session);
    container.becomesReady(1);
    write(bytes("x".repeat(30_000)));
    response.flush();
    assertThat(response.isReady()).isFalse();

    container.becomesReady(1);
    assertThat(session.writable).isZero();
    container.becomesReady();

    assertThat(session.writable).isEqualTo(1);
    assertThat(response.isReady()).isTrue();
  }

  @Test
  void aBufferStaysAsItIsWhileTheContainerReadsFromIt() throws IOException {
    container.becomesReady(1);
    write(bytes("data: 1\n\n"));
    write(bytes("data: 2\n\n"));
    response.flush();

    // Another stream gathers bytes meanwhile, from the same pool.
    FakeOutput other = new FakeOutput();
    NonBlockingResponse others = other.start();
    other.becomesReady();
    write(others, bytes("other 1\n\n"));
    write(others, bytes("other 2\n\n"));
    others.flush();
    assertThat(response.isReady()).isFalse();
    container.becomesReady();

    assertThat(container.sent()).isEqualTo("data: 1\n\ndata: 2\n\n");
  }

  @Test
  void aBufferThatIsInFlightWhenAllIsOverIsNotUsedAgain() throws IOException {
    container.becomesReady(1);
    write(bytes("data: 1\n\n"));
    write(bytes("data: 2\n\n"));
    response.flush();
    byte[] inFlight = container.pieces.get(0).array();
    container.completes();

    FakeOutput other = new FakeOutput();
    NonBlockingResponse others = other.start();
    other.becomesReady();
    write(others, bytes("other 1\n\n"));
    write(others, bytes("other 2\n\n"));
    others.flush();
    assertThat(other.pieces.get(0).array()).isNotSameAs(inFlight);
  }

  @Test
  void finishingCompletesOnlyAfterTheLastWriteHasLanded() throws IOException {
    container.becomesReady(2);
    write(bytes("data: 1\n\n"));
    response.finish();
    assertThat(container.flushes).isEqualTo(1);
    assertThat(container.completions).isZero();

    container.becomesReady();

    assertThat(container.completions).isEqualTo(1);
    assertThat(container.sent()).isEqualTo("data: 1\n\n");
  }

  @Test
  void abortingForgetsTheRestButWaitsForTheContainer() throws IOException {
    response.attach(session);
    container.becomesReady(1);
    write(bytes("x".repeat(30_000)));
    response.flush();

    response.abort();
    assertThat(container.completions).isZero();
    container.becomesReady();

    assertThat(container.completions).isEqualTo(1);
    assertThat(container.pieces).hasSize(1);
    assertThat(session.gone).isZero();
  }

  @Test
  void abortingAReadyResponseCompletesAtOnceAndOnce() throws IOException {
    container.becomesReady();
    response.abort();
    response.abort();
    response.finish();
    response.flush();
    container.asyncListener.onComplete(null);

    assertThat(container.completions).isEqualTo(1);
    assertThat(response.isReady()).isFalse();
  }

  @Test
  void aWriteThatFailsIsGoneOnceAndLeavesTheEndToTheContainer() throws IOException {
    response.attach(session);
    container.becomesReady();
    container.breaks();
    write(bytes("data: 1\n\n"));
    response.flush();

    assertThat(session.gone).isEqualTo(1);
    assertThat(container.completions).isZero();
    container.writeListener.onError(new IOException());
    container.asyncListener.onError(null);
    container.asyncListener.onComplete(null);
    assertThat(container.completions).isEqualTo(1);
    assertThat(session.gone).isEqualTo(1);
    assertThat(response.isReady()).isFalse();
  }

  // What has reached the connection.

  @Test
  void whatWasWrittenAndFlushedIsThroughAndStaysSo() throws IOException {
    container.becomesReady();
    write(bytes("data: 1\n\n"));
    assertThat(response.isThrough()).isFalse();
    response.flush();
    assertThat(response.isThrough()).isTrue();

    container.completes();
    assertThat(response.isThrough()).isTrue();
  }

  @Test
  void whatTheContainerHasYetToTakeIsNot() throws IOException {
    container.becomesReady(1);
    write(bytes("x".repeat(30_000)));
    response.flush();
    assertThat(response.isThrough()).isFalse();

    container.becomesReady();
    assertThat(response.isThrough()).isTrue();
  }

  /** A non-blocking flush may return before the connection has accepted everything. */
  @Test
  void whatAFlushHasLeftInTheContainerIsNot() throws IOException {
    container.becomesReady(2);
    write(bytes("data: 1\n\n"));
    response.flush();
    assertThat(container.flushes).isEqualTo(1);
    assertThat(response.isThrough()).isFalse();

    container.becomesReady(2);
    assertThat(response.isThrough()).isTrue();

    write(bytes("data: 2\n\n"));
    response.flush();
    response.abort();
    assertThat(response.isThrough()).isFalse();
  }

  @Test
  void whatFailedOrWasGivenUpNeverIs() throws IOException {
    container.becomesReady();
    container.breaks();
    write(bytes("data: 1\n\n"));
    response.flush();
    assertThat(response.isThrough()).isFalse();

    FakeOutput slow = new FakeOutput();
    NonBlockingResponse other = slow.start();
    slow.becomesReady(0);
    write(other, bytes("data: 1\n\n"));
    other.flush();
    other.abort();
    assertThat(other.isThrough()).isFalse();
  }

  /** Jetty accepts a write that fails, and reports the failure afterwards. */
  @Test
  void aFailureThatTheContainerReportsAfterwardsIsThatOfTheLastWrite() throws IOException {
    container.becomesReady();
    write(bytes("data: 1\n\n"));
    response.flush();
    container.writeListener.onError(new IOException("Broken pipe"));
    assertThat(response.isThrough()).isFalse();
  }

  @Test
  void anErrorInTheContainersOwnOrderCompletesNothing() throws IOException {
    response.attach(session);
    container.becomesReady();
    container.asyncListener.onError(null);
    container.writeListener.onError(new IOException());
    response.abort();
    write(response, bytes("data: late\n\n"));
    response.flush();

    assertThat(session.gone).isEqualTo(1);
    assertThat(container.completions).isZero();
    assertThat(container.pieces).isEmpty();
  }

  @Test
  void afterTheContainersLastWordNothingIsTouched() throws IOException {
    response.attach(session);
    container.becomesReady();
    write(bytes("data: 1\n\n"));
    container.completes();

    response.flush();
    response.head(head -> head.setStatus(500));
    response.answer(bytes("late"), head -> {});
    response.finish();
    container.writeListener.onWritePossible();

    assertThat(container.pieces).isEmpty();
    assertThat(session.gone).isEqualTo(1);
  }

  @Test
  void aCallerWhoLeftBeforeAnybodyWasAttachedIsGoneThen() throws IOException {
    container.writeListener.onError(new IOException("reset"));

    response.attach(session);

    assertThat(session.gone).isEqualTo(1);
  }

  @Test
  void aContainerThatTookTheResponseBackWithoutAWordIsOver() throws IOException {
    container.becomesReady();
    response.head(
        head -> {
          throw new IllegalStateException("The response object has been recycled");
        });
    response.attach(session);

    assertThat(session.gone).isEqualTo(1);
    assertThat(response.isReady()).isFalse();
    response.answer(bytes("late"), head -> {});
    assertThat(container.pieces).isEmpty();
  }

  // A client that doesn't read.

  @Test
  void anAnswerOfWhichNothingIsTakenIsCutOff() throws IOException {
    int[] cuts = new int[1];
    container.cut = () -> cuts[0]++;
    response = container.start();
    container.becomesReady(1);
    response.answer(bytes("{}"), head -> {});

    container.timers.advance(FakeOutput.STALL.minusMillis(1));
    assertThat(cuts[0]).isZero();
    container.timers.advance(Duration.ofMillis(1));

    assertThat(cuts[0]).isEqualTo(1);
    container.writeListener.onError(new IOException());
    assertThat(container.completions).isEqualTo(1);
    assertThat(container.timers.pending()).isZero();
  }

  @Test
  void anAnswerThatIsTakenSlowlyIsNot() throws IOException {
    container.cut = () -> Assertions.fail("cut");
    response = container.start();
    container.becomesReady(1);
    response.answer(bytes("x".repeat(40_000)), head -> {});
    while (container.completions == 0) {
      container.timers.advance(FakeOutput.STALL.dividedBy(2));
      container.becomesReady(1);
    }

    assertThat(container.sent()).hasSize(40_000);
    assertThat(container.timers.pending()).isZero();
  }

  @Test
  void whereNobodyCanCutItTheContainerEndsIt() throws IOException {
    container.becomesReady(1);
    response.answer(bytes("x".repeat(40_000)), head -> {});

    container.timers.advance(FakeOutput.STALL);
    container.becomesReady();

    assertThat(container.completions).isEqualTo(1);
    assertThat(container.pieces).hasSize(1);
  }

  @Test
  void aStreamThatGoesOnIsNotWatchedHere() throws IOException {
    container.becomesReady(1);
    write(bytes("data: 1\n\n"));
    response.flush();

    assertThat(container.timers.pending()).isZero();
  }

  // Memory.

  @Test
  void anAnswerIsChargedUntilTheContainerHasTakenAllOfIt() throws IOException {
    container.becomesReady(1);
    response.answer(bytes("x".repeat(40_000)), head -> {});
    assertThat(container.account.used(Kind.ANSWER)).isBetween(40_000L, 40_100L);

    response.abort();
    assertThat(container.account.used(Kind.ANSWER))
        .as("the container reads on from it")
        .isPositive();
    container.becomesReady();

    assertThat(container.completions).isEqualTo(1);
    assertThat(container.account.used(Kind.ANSWER)).isZero();
  }

  @Test
  void anAnswerThatHasNoRoomIsA503ThatSaysSo() throws IOException {
    container.account = new Account(64 << 20, 16 << 20);
    response = container.start();
    container.becomesReady();
    container.account.force(Kind.ANSWER, 100_000);
    response.answer(new byte[32 << 20], head -> head.setStatus(200));

    assertThat(container.status).isEqualTo(503);
    assertThat(container.headers)
        .containsEntry("Content-Type", "application/json")
        .containsKey("Retry-After");
    assertThat(container.sent()).isEqualTo("{\"error\":\"no memory for the response now\"}");
    assertThat(container.completions).isEqualTo(1);
    assertThat(container.account.used(Kind.ANSWER)).isEqualTo(100_000);
  }

  /** Otherwise a poll with a small heap could never get a large message. */
  @Test
  void anAnswerThatIsLargerThanAllMayBeIsLetInWhereItIsAlone() throws IOException {
    container.account = new Account(64 << 20, 16 << 20);
    response = container.start();
    container.becomesReady(1);
    response.answer(new byte[8 << 20], head -> head.setStatus(200));

    assertThat(container.status).isEqualTo(200);
    assertThat(container.account.used(Kind.ANSWER)).isGreaterThan(8 << 20);
  }

  /** Its session may have ended, and its log with it. */
  @Test
  void aLargeEventThatAFinishedStreamHasYetToWriteIsCharged() throws IOException {
    container.becomesReady(1);
    write(new byte[100_000]);
    response.finish();
    assertThat(container.account.used(Kind.ANSWER)).isBetween(100_000L, 100_100L);

    container.becomesReady();

    assertThat(container.completions).isEqualTo(1);
    assertThat(container.account.used(Kind.ANSWER)).isZero();
  }

  @Test
  void aBodyInPiecesIsMadeAsTheContainerTakesIt() throws IOException {
    Countdown body = new Countdown(5);
    Holder holder = container.account.holder();
    holder.force(Kind.ANSWER, 1_000);
    container.becomesReady(2);
    response.answer(body, holder, head -> head.setStatus(200));
    assertThat(container.sent()).isEqualTo("5");
    assertThat(body.left).as("one is written, and one waits").isEqualTo(3);

    container.becomesReady(1);
    assertThat(container.completions).isZero();
    container.becomesReady();

    assertThat(container.sent()).isEqualTo("54321");
    assertThat(container.flushes).isEqualTo(1);
    assertThat(container.completions).isEqualTo(1);
    assertThat(container.account.used(Kind.ANSWER)).isZero();
  }

  @Test
  void aBodyInPiecesIsForgottenWithItsClient() throws IOException {
    Countdown body = new Countdown(5);
    container.becomesReady(1);
    response.answer(body, container.account.holder(), head -> {});
    int left = body.left;
    response.abort();
    container.becomesReady();

    assertThat(body.left).isEqualTo(left);
    assertThat(container.completions).isEqualTo(1);
  }

  /** Pieces of one digit, down to 1. */
  private static final class Countdown implements NonBlockingResponse.Pieces {
    int left;

    Countdown(int from) {
      left = from;
    }

    @Override
    public long length() {
      return left;
    }

    @Override
    public byte[] next(int max) {
      return left == 0 ? null : bytes(String.valueOf(left--));
    }
  }

  @Test
  void aBodyThatAllShareIsNotCharged() throws IOException {
    container.becomesReady(1);
    response.answerShared(bytes("x".repeat(40_000)), head -> {});

    assertThat(container.account.used(Kind.ANSWER)).isZero();
  }

  @Test
  void aHeadHasNoBody() throws IOException {
    container.method = "HEAD";
    response = container.start();
    container.becomesReady();
    response.answer(bytes("{}"), head -> {});

    assertThat(container.pieces).isEmpty();
    assertThat(container.flushes).isEqualTo(1);
    assertThat(container.completions).isEqualTo(1);
  }

  // Faults.

  @Test
  void whatFailsBeforeItsAnswerIsAnswered() throws IOException {
    container.becomesReady();
    response.fail(bytes("{}"), head -> head.setStatus(500));

    assertThat(container.status).isEqualTo(500);
    assertThat(container.sent()).isEqualTo("{}");
  }

  @Test
  void whatFailsInTheMiddleOfItIsEnded() throws IOException {
    container.becomesReady();
    write(bytes("data: 1\n\n"));
    response.flush();
    response.fail(bytes("{}"), head -> head.setStatus(500));

    assertThat(container.sent()).isEqualTo("data: 1\n\n");
    assertThat(container.completions).isEqualTo(1);
  }

  @Test
  @NoFaults.Expected
  void nothingIsThrownAtTheContainer() throws IOException {
    response.attach(
        new Listener.Attachment() {
          @Override
          public void writable() {
            throw new AssertionError("a fault in the session");
          }

          @Override
          public void gone() {
            throw new AssertionError("another");
          }
        });
    assertThat(response.isReady()).isFalse();

    container.becomesReady();
    container.asyncListener.onError(null);

    assertThat(container.completions).isEqualTo(1);
  }

  @Test
  void anEventCostsNoMemory() throws IOException {
    byte[] event = bytes("data: 12345678901234567890\n\n");
    FakeOutput sink = new CountingOutput();
    NonBlockingResponse stream = sink.start();
    sink.becomesReady();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    play(stream, event, 1_000);
    long before = threads.getCurrentThreadAllocatedBytes();
    play(stream, event, 1_000);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    // The measurement itself allocates a little.
    assertThat(allocated).isLessThan(1_000);
  }

  /** Turns of one, two, … seven events. */
  private static void play(NonBlockingResponse stream, byte[] event, int turns) {
    for (int turn = 0; turn < turns; turn++) {
      for (int i = 0; i <= turn % 7 && stream.isReady(); i++) {
        stream.write(event, 0, event.length);
      }
      stream.flush();
    }
  }

  private void write(byte[] event) {
    assertThat(response.isReady()).isTrue();
    write(response, event);
  }

  private static void write(NonBlockingResponse response, byte[] event) {
    response.write(event, 0, event.length);
  }

  /** Gives the container time to process the last piece. */
  private void settle() {
    assertThat(response.isReady()).isTrue();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Accepts everything and records nothing. */
  private static final class CountingOutput extends FakeOutput {
    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void write(byte[] array, int from, int length) {
      flushes++;
    }

    @Override
    public void flush() {
      flushes++;
    }
  }

  private static final class Session implements Listener.Attachment {
    int writable;
    int gone;

    @Override
    public void writable() {
      writable++;
    }

    @Override
    public void gone() {
      gone++;
    }
  }
}
