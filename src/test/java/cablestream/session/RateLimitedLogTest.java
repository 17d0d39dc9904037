package cablestream.session;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.session.RateLimitedLog.Kind;
import cablestream.support.FakeTimers;
import cablestream.support.RecordedLog;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class RateLimitedLogTest {
  private final FakeTimers timers = new FakeTimers();
  private final RateLimitedLog rateLimitedLog = new RateLimitedLog(timers);
  @AutoClose private final RecordedLog log = RecordedLog.of(RateLimitedLog.class);

  @Test
  void theFirstIsToldAtOnce() {
    rateLimitedLog.count(Kind.CABLE_LOST, "0123abcd", "stale");

    assertThat(log.lines())
        .containsExactly("event=cable_lost times=1 session=0123abcd reason=\"stale\"");
    assertThat(log.records().get(0).getLevel()).isEqualTo(Level.INFO);
  }

  @Test
  void aServerThatRestartsUnderThousandsMakesALineAMinute() {
    for (int second = 0; second < 61; second++) {
      for (int i = 0; i < 100; i++) {
        rateLimitedLog.count(Kind.CABLE_LOST, "0123abcd", "server_restart");
      }
      timers.advance(Duration.ofSeconds(1));
    }

    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("times=1 ");
    assertThat(log.lines().get(1)).contains("times=5999 ");
  }

  @Test
  void aBurstIsToldWithItsNumberAlthoughNothingFollowsIt() {
    for (int i = 0; i < 218; i++) {
      rateLimitedLog.count(Kind.SESSION_REFUSED, "none", "too many sessions");
    }
    timers.advance(Duration.ofMinutes(1));

    assertThat(log.lines())
        .containsExactly(
            "event=session_refused times=1 session=none reason=\"too many sessions\"",
            "event=session_refused times=217 session=none reason=\"too many sessions\"");
  }

  @Test
  void whatIsOverIsToldNoMoreAndLeavesNoTimer() {
    rateLimitedLog.count(Kind.CABLE_LOST, "0123abcd", "stale");
    timers.advance(Duration.ofHours(1));

    assertThat(log.lines()).hasSize(1);
    assertThat(timers.pending()).isZero();
  }

  @Test
  void whatComesAgainLaterIsToldAtOnceAgain() {
    rateLimitedLog.count(Kind.CABLE_LOST, "0123abcd", "stale");
    timers.advance(Duration.ofMinutes(2));
    rateLimitedLog.count(Kind.CABLE_LOST, "4567cdef", "lost");

    assertThat(log.lines().get(1))
        .isEqualTo("event=cable_lost times=1 session=4567cdef reason=\"lost\"");
  }

  @Test
  void oneKindDoesNotHideAnotherAndALimitIsAWarning() {
    rateLimitedLog.count(Kind.CABLE_LOST, "0123abcd", "stale");
    rateLimitedLog.count(Kind.SESSION_REFUSED, "none", "too many sessions");

    assertThat(log.records())
        .extracting(LogRecord::getLevel)
        .containsExactly(Level.INFO, Level.WARNING);
  }

  @Test
  void aServersReasonForgesNoLineAndNoMember() {
    rateLimitedLog.count(
        Kind.CABLE_LOST,
        "0123abcd",
        "x\" session=none\r\nevent=started\u2028\u001b[2J" + "y".repeat(999));

    assertThat(log.lines().get(0))
        .startsWith("event=cable_lost times=1 session=0123abcd reason=\"x? session=none??event=")
        .hasSizeLessThan(200)
        .matches("[ -~]*");
  }

  @Test
  void aBridgeThatIsFullSaysSo() {
    SessionHarness scene = new SessionHarness(TestLimits.sessions(1));
    scene.open();
    scene.listen(
        new SessionRequest("another-events-id", SessionHarness.ALICE, Mode.CHANNELS, null), 0);

    assertThat(log.lines())
        .containsExactly("event=session_refused times=1 session=none reason=\"too many sessions\"");
  }

  @Test
  void aSessionThatComesAndGoesSaysNothing() {
    SessionHarness scene = new SessionHarness();
    scene.openSubscribed().leaves();
    scene.listen().leaves();
    scene.end(SessionHarness.ALICE, null);
    scene.settle();

    assertThat(log.lines()).isEmpty();
  }
}
