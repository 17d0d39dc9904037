package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FakeTimers;
import cablestream.support.RecordedLog;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DialOutcomesTest {
  private final FakeTimers timers = new FakeTimers();
  private final DialOutcomes outcomes =
      new DialOutcomes(timers, Duration.ofSeconds(30), Duration.ofSeconds(6));
  @AutoClose private final RecordedLog log = RecordedLog.of(DialOutcomes.class);

  @Test
  void theFirstFailureIsTold() {
    outcomes.failed(CableEnding.refused(404, null));
    assertThat(log.lines())
        .containsExactly(
            "event=cable_dial_failed kind=refused failures=1 error=\"the Action Cable server"
                + " answered the WebSocket upgrade with HTTP 404 (Rails does so for an unknown"
                + " path and for an origin that it doesn't allow)\"");
  }

  @Test
  void aPathThatIsNotAllowedIsToldWithTheSettingAndSaysNothingOfTheServer() {
    outcomes.failed(CableEnding.pathNotAllowed("/admin/cable"));
    assertThat(log.lines())
        .containsExactly(
            "event=cable_dial_failed kind=path_not_allowed failures=1 error=\"the setting"
                + " cable.paths doesn't name the path that a page asks for\"");
    assertThat(outcomes.health()).isEqualTo(Cable.Health.UNKNOWN);
  }

  @Test
  void whomTheServerTurnsAwayBeforeTheUpgradeIsCounted() {
    outcomes.failed(CableEnding.unauthorized(403));
    outcomes.failed(CableEnding.unauthorized("unauthorized"));
    assertThat(log.lines()).containsExactly("event=cable_dial_forbidden status=403 times=1");
  }

  @Test
  void thousandsThatFailAlikeAreToldOnceAMinuteWithTheirNumber() {
    for (int second = 0; second < 61; second++) {
      for (int i = 0; i < 100; i++) {
        outcomes.failed(CableEnding.unreachable("connection refused"));
      }
      timers.advance(Duration.ofSeconds(1));
    }
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(0)).contains("failures=1 ");
    assertThat(log.lines().get(1)).contains("failures=5999 ");
  }

  @Test
  void aBurstIsToldWithItsNumberAlthoughNothingFollowsIt() {
    for (int i = 0; i < 30; i++) {
      outcomes.failed(CableEnding.unreachable("connection refused"));
    }
    timers.advance(Duration.ofMinutes(1));
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(1)).contains("failures=29 ");
  }

  @Test
  void oneKindDoesNotHideAnother() {
    outcomes.failed(CableEnding.unreachable("connection refused"));
    outcomes.failed(CableEnding.noWelcome(Duration.ofSeconds(10)));
    outcomes.failed(CableEnding.busy());
    assertThat(log.lines()).hasSize(3);
  }

  @Test
  void thatTheServerIsBackIsToldOnce() {
    outcomes.welcomed();
    outcomes.failed(CableEnding.unreachable("connection refused"));
    outcomes.welcomed();
    outcomes.welcomed();
    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().get(1)).isEqualTo("event=cable_back");
  }

  @Test
  void oneFailedDialBesideLiveCablesIsNoServerThatIsDown() {
    outcomes.welcomed();
    outcomes.welcomed();
    outcomes.failed(CableEnding.unreachable("no connection in time"));
    assertThat(outcomes.health()).isEqualTo(Cable.Health.UP);

    outcomes.over();
    assertThat(outcomes.health()).isEqualTo(Cable.Health.UP);
    outcomes.over();
    assertThat(outcomes.live()).isZero();
    assertThat(outcomes.health()).isEqualTo(Cable.Health.DOWN);
  }

  @Test
  void cablesThatAreNoLongerHeardDoNotShowThatTheServerIsThere() {
    assertThat(outcomes.isSilent()).isTrue();
    outcomes.welcomed();
    timers.advance(Duration.ofMillis(5_999));
    assertThat(outcomes.isSilent()).isFalse();
    outcomes.received();
    timers.advance(Duration.ofMillis(5_999));
    assertThat(outcomes.isSilent()).isFalse();
    timers.advance(Duration.ofMillis(1));
    assertThat(outcomes.isSilent()).isTrue();
    outcomes.received();
    assertThat(outcomes.isSilent()).isFalse();
    outcomes.over();
    assertThat(outcomes.isSilent()).isTrue();
  }

  @Test
  void aFailureThatNobodyRepeatsSaysNothingForEver() {
    outcomes.failed(CableEnding.unreachable("connection refused"));
    timers.advance(Duration.ofSeconds(59));
    assertThat(outcomes.health()).isEqualTo(Cable.Health.DOWN);
    timers.advance(Duration.ofSeconds(1));
    assertThat(outcomes.health()).isEqualTo(Cable.Health.UNKNOWN);
  }

  @Test
  void whoeverBacksOffForLongStillShowsThatTheServerIsDown() {
    DialOutcomes patient = new DialOutcomes(timers, Duration.ofMinutes(5), Duration.ofSeconds(6));
    patient.failed(CableEnding.noWelcome(Duration.ofSeconds(10)));
    timers.advance(Duration.ofMinutes(9));
    assertThat(patient.health()).isEqualTo(Cable.Health.DOWN);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504})
  void aServerErrorToTheUpgradeIsAServerThatIsDown(int status) {
    outcomes.failed(CableEnding.refused(status, null));
    assertThat(outcomes.health()).isEqualTo(Cable.Health.DOWN);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400, 404})
  void aRefusalOfWhatWasAskedForIsNot(int status) {
    outcomes.failed(CableEnding.refused(status, null));
    assertThat(outcomes.health()).isEqualTo(Cable.Health.UNKNOWN);
  }

  @Test
  void theServersHealthIsWhatTheLatestDialHasShown() {
    assertThat(outcomes.health()).isEqualTo(Cable.Health.UNKNOWN);
    outcomes.failed(CableEnding.unauthorized("unauthorized"));
    assertThat(outcomes.health()).isEqualTo(Cable.Health.UNKNOWN);
    outcomes.failed(CableEnding.noWelcome(Duration.ofSeconds(10)));
    assertThat(outcomes.health()).isEqualTo(Cable.Health.DOWN);
    outcomes.welcomed();
    assertThat(outcomes.health()).isEqualTo(Cable.Health.UP);
  }

  @Test
  void whatIsBetweenTheServerAndTheCallerIsNotTold() {
    outcomes.failed(CableEnding.unauthorized("unauthorized"));
    outcomes.failed(CableEnding.disconnected("remote"));
    outcomes.failed(CableEnding.closed(1000, ""));
    outcomes.welcomed();
    assertThat(log.lines()).isEmpty();
  }
}
