package cablestream.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.bench.control.Line;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The simulated server and the load generator with each other, small and short. */
class LabTest {
  private final Lab lab = new Lab(0);
  private final Target direct = Target.direct(lab.cable());

  @AfterEach
  void close() {
    lab.close();
  }

  @Test
  void allThatIsSentOnAScheduleComesOnceAndIsTimed() {
    try (Round round = Round.streams(lab, direct, 20)) {
      RoundOutcome outcome = round.pace(2_000, 200, 0.5);
      assertThat(outcome.events()).isEqualTo(1_000);
      assertThat(outcome.latencies().getTotalCount()).isEqualTo(1_000);
      assertThat(outcome.seconds()).isBetween(0.45, 3.0);
      assertThat(outcome.faults().counts().values()).containsOnly(0L);
    }
    assertThat(lab.cables()).isZero();
  }

  @Test
  void numbersGoOnFromOneSendingToTheNext() {
    try (Round round = Round.streams(lab, direct, 3)) {
      round.pace(300, 200, 0.2);
      round.flood(2_048, 10, 0.2);
      RoundOutcome outcome = round.pace(300, 65_536, 0.2);
      assertThat(outcome.events()).isEqualTo(60);
      assertThat(outcome.faults().counts().values()).containsOnly(0L);
    }
  }

  @Test
  void oneThatDoesNotReadStopsNobodyAndGetsAllOfItLater() {
    try (Round round = Round.streams(lab, direct, 4)) {
      round.stall(1);
      // More than a loopback socket's buffer.
      RoundOutcome others = round.paceTheOthers(2_000, 65_536, 0.5);
      assertThat(others.events()).isEqualTo(750);
      assertThat(others.faults().counts().get("lost")).isZero();

      round.resume();
      RoundOutcome all = round.rest();
      assertThat(all.events()).isEqualTo(1_000);
      assertThat(all.latencies().getTotalCount()).as("only the others are timed").isEqualTo(750);
      assertThat(all.faults().counts().values()).containsOnly(0L);
    }
  }

  @Test
  void welcomesComeAtTheirRate() {
    lab.server().ask(Line.of("welcome").with("rate", 20));
    try (Round round = Round.streams(lab, direct, 5)) {
      assertThat(round.opening().decimal("seconds")).isBetween(0.2, 5.0);
      RoundOutcome outcome = round.pace(100, 200, 0.1);
      assertThat(outcome.faults().counts().values()).as("each got one before").containsOnly(0L);
    }
  }

  @Test
  void echoesComeBack() {
    try (Round round = Round.streams(lab, direct, 5)) {
      RoundOutcome outcome = round.echo(200, 0.5);
      assertThat(outcome.events()).isEqualTo(100);
      assertThat(outcome.faults().counts().values()).containsOnly(0L);
    }
  }
}
