package cablestream.http.response;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Listener.PollAnswer;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;
import cablestream.log.EventTime;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.Allocated;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects derived from messages and frames are reserved, or limited to one piece at a time. */
class DerivedFromEventsTest {
  private static final int SIZE = 4 << 20;
  private static final byte[] HEAD = "\ndata: {\"message\":".getBytes(UTF_8);

  private final Account account = new Account(256L << 20, 64 << 20);
  private final EventLog log = new EventLog(1_000, 512 * 1024, account);
  private final EventEncoder encoder =
      new EventEncoder("session1", new EventTime(InstantSource.system()), log);

  private static byte[] filled(String part) {
    return part.repeat(SIZE / part.getBytes(UTF_8).length).getBytes(UTF_8);
  }

  private Event logged(byte[] frame) {
    Event event = encoder.frame(log.nextNumber(), frame);
    log.append(event);
    return event;
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\n", "\r", "\r\n"})
  void receivedEvents(String part) throws Exception {
    byte[] message = filled(part);
    encoder.received(1, HEAD, new byte[] {'1', '\n'}, 0, 2);
    long allocated =
        Allocated.by(
            () -> {
              log.append(encoder.received(log.nextNumber(), HEAD, message, 0, message.length));
              return null;
            });
    assertThat(allocated).isLessThan(account.used(Kind.LOG) + Allocated.SLACK);
    assertThat(account.used(Kind.LOG)).isLessThan(message.length + 1_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\n", "\r", "\r\n"})
  void framesOfTunnels(String part) throws Exception {
    byte[] frame = filled(part);
    encoder.frame(1, new byte[] {'\n'});
    long before = account.used(Kind.LOG);
    long allocated = Allocated.by(() -> logged(frame));
    assertThat(allocated).isLessThan(account.used(Kind.LOG) - before + Allocated.SLACK);
  }

  @Test
  void aFrameThatGrowsBeyondTheRoomIsNotMade() throws Exception {
    byte[] frame = filled("\n");
    account.force(Kind.MESSAGE, account.limit(Kind.MESSAGE) - 5L * SIZE);
    assertThat(Allocated.by(() -> encoder.frame(1, frame))).isLessThan(Allocated.SLACK);
    assertThat(encoder.frame(1, frame)).isNull();
    assertThat(account.used(Kind.LOG)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\n", "\u0001", "\"", "é"})
  void aPollsAnswerOfOneLargeFrame(String part) throws Exception {
    PollAnswer answer = answer(List.of(logged(filled(part))));
    PollBody.inPieces(answer).next(8_000);
    assertThat(PollBody.isForPieces(answer)).isTrue();
    PollBody body = PollBody.inPieces(answer);
    assertThat(Allocated.by(() -> PollBody.inPieces(answer))).isLessThan(Allocated.SLACK);
    for (int i = 0; i < 10; i++) {
      assertThat(Allocated.by(() -> body.next(8_000))).isLessThan(2 * 8_000 + 1_000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\n", "\u0001", "\"", "é"})
  void aPollsAnswerOfManyFrames(String part) throws Exception {
    for (int length : new int[] {1, 100, 3_000, 20_000}) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        byte[] frame = part.repeat(length / part.getBytes(UTF_8).length + 1).getBytes(UTF_8);
        events.add(encoder.frame(i + 1, frame));
      }
      assertWithinItsSize(answer(events));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 20_000})
  void aPollsAnswerOfManyMessages(int length) throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      byte[] message = ("\"" + "x".repeat(length) + "\"").getBytes(UTF_8);
      events.add(encoder.received(i + 1, HEAD, message, 0, message.length));
    }
    assertWithinItsSize(answer(events));
  }

  private static void assertWithinItsSize(PollAnswer answer) throws Exception {
    PollBody.of(answer);
    assertThat(Allocated.by(() -> PollBody.of(answer)))
        .isLessThan(PollBody.size(answer) + Allocated.SLACK);
  }

  private static PollAnswer answer(List<Event> events) {
    return new PollAnswer("session1", events, 0L, 0, List.of());
  }
}
