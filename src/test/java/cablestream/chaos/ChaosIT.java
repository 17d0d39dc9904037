package cablestream.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing is lost unannounced, repeated or reordered: many sessions while faults happen between
 * browser, bridge and server. A long run, in one container:
 *
 * <pre>
 * mvn verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=ChaosIT \
 *     -Dchaos.events=1000000 -Dchaos.faults=10000 -Dchaos.seed=42 -Dchaos.containers=JETTY_EE10
 * </pre>
 *
 * {@link Schedule} has the other parameters.
 */
class ChaosIT {
  private static final int SESSIONS_PER_MUTATION = 3;

  static Stream<Container> containers() {
    String names = System.getProperty("chaos.containers", "TOMCAT11,JETTY_EE10");
    return Arrays.stream(names.split(",")).map(Container::valueOf);
  }

  @ParameterizedTest
  @MethodSource("containers")
  void nothingIsLostWhateverGoesWrong(Container container) {
    Report report = ChaosRun.run(Schedule.fromProperties(), container, session -> Mutation.NONE);
    System.out.println(report.table());
    assertThat(report.isClean()).as(report::violations).isTrue();
  }

  /** One run without faults: three sessions, one of each transport, for each bug. */
  @Test
  void aBugPutInOnPurposeIsFoundAndNamed() {
    Mutation[] mutations = Mutation.values();
    int sessions = SESSIONS_PER_MUTATION * mutations.length;
    Schedule course = new Schedule(7, 40_000, 0, sessions, 4_000, 0, Duration.ofSeconds(60));
    Report report =
        ChaosRun.run(
            course, Container.JETTY_EE10, session -> mutations[session / SESSIONS_PER_MUTATION]);
    SoftAssertions all = new SoftAssertions();
    for (int i = 0; i < sessions; i++) {
      judge(all, report, i, mutations[i / SESSIONS_PER_MUTATION], Transport.values()[i % 3]);
    }
    all.assertAll();
    assertThat(report.isClean()).isFalse();
  }

  private static void judge(
      SoftAssertions all, Report report, int session, Mutation mutation, Transport transport) {
    Verdict<EventFate> events = report.events(session);
    Verdict<CommandFate> commands = report.commands(session);
    String what = mutation + " in " + transport + ": " + events + commands;
    Set<Mutation> ofCommands = EnumSet.of(Mutation.REPEAT_A_COMMAND, Mutation.LOSE_A_COMMAND);
    boolean spared =
        mutation == Mutation.NONE
            || mutation == Mutation.HIDE_GAPS && transport != Transport.EVENT_SOURCE;
    if (spared || ofCommands.contains(mutation)) {
      all.assertThat(events.isClean()).as(what).isTrue();
      all.assertThat(events.count(EventFate.ANNOUNCED)).as(what).isZero();
    }
    if (spared || !ofCommands.contains(mutation)) {
      all.assertThat(commands.isClean()).as(what).isTrue();
      all.assertThat(commands.count(CommandFate.BROKEN)).as(what).isZero();
    }
    if (spared) {
      return;
    }
    switch (mutation) {
      case DROP_AN_EVENT ->
          all.assertThat(events.count(EventFate.LOST_UNANNOUNCED)).as(what).isOne();
      case REPEAT_AN_EVENT -> all.assertThat(events.count(EventFate.DUPLICATED)).as(what).isOne();
      case SWAP_TWO_EVENTS -> {
        all.assertThat(events.count(EventFate.OUT_OF_ORDER)).as(what).isOne();
        all.assertThat(events.count(EventFate.LOST_UNANNOUNCED)).as(what).isZero();
      }
      case HIDE_GAPS ->
          all.assertThat(events.count(EventFate.LOST_UNANNOUNCED)).as(what).isPositive();
      case REPEAT_A_COMMAND ->
          all.assertThat(commands.count(CommandFate.DUPLICATED)).as(what).isPositive();
      case LOSE_A_COMMAND -> all.assertThat(commands.count(CommandFate.LOST)).as(what).isPositive();
      case NONE -> throw new AssertionError();
    }
  }
}
