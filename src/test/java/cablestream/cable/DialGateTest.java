package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.DialGate.Turn;
import cablestream.support.FakeTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DialGateTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final FakeTimers timers = new FakeTimers();
  private final DialGate gate = new DialGate(2, 2, PATIENCE, timers);
  private final List<String> dialling = new ArrayList<>();
  private final Map<String, Turn> turns = new HashMap<>();

  @Test
  void dialsGoAheadWhileThereArePlaces() {
    first("a");
    again("b");
    assertThat(dialling).containsExactly("a", "b");
  }

  @Test
  void oneMoreWaitsUntilAPlaceIsGivenBack() {
    Turn a = first("a");
    first("b");
    first("c");
    assertThat(dialling).containsExactly("a", "b");
    a.end();
    assertThat(dialling).containsExactly("a", "b", "c");
  }

  @Test
  void aPlaceGivenBackTwiceIsOnePlace() {
    Turn a = first("a");
    first("b");
    first("c");
    first("d");
    a.end();
    a.end();
    assertThat(dialling).containsExactly("a", "b", "c");
  }

  @Test
  void aPlaceNobodyWaitsForIsKeptForTheNext() {
    first("a").end();
    first("b");
    first("c");
    first("d");
    assertThat(dialling).containsExactly("a", "b", "c");
  }

  @Test
  void newSessionsAndThoseThatComeBackTakeTurns() {
    Turn a = first("a");
    Turn b = again("b");
    again("x");
    again("y");
    first("c");
    first("d");
    a.end();
    b.end();
    assertThat(dialling).startsWith("a", "b").hasSize(4).containsAnyOf("x").containsAnyOf("c");
  }

  @Test
  void networksTakeTurns() {
    DialGate gate = new DialGate(1, 10, PATIENCE, timers);
    Turn only = gate.ask(false, "other", () -> dialling.add("other"));
    List<Turn> turns = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      String name = "many " + i;
      turns.add(gate.ask(false, "many", () -> dialling.add(name)));
    }
    turns.add(gate.ask(false, "one", () -> dialling.add("one")));
    only.end();
    turns.get(0).end();
    assertThat(dialling).containsExactly("other", "many 1", "one");
    turns.get(3).end();
    turns.get(1).end();
    assertThat(dialling).containsExactly("other", "many 1", "one", "many 2", "many 3");
  }

  @Test
  void aNetworkThatHasNoPlaceGetsOneWhereAnotherHasMoreThanHalfOfThem() {
    DialGate gate = new DialGate(256, 10, PATIENCE, timers);
    for (int i = 0; i < 6; i++) {
      gate.ask(false, "many", () -> dialling.add("many"));
    }
    gate.ask(false, "a", () -> dialling.add("a"));
    gate.ask(false, "a", () -> dialling.add("a"));
    gate.ask(false, "b", () -> dialling.add("b"));
    gate.ask(false, "c", () -> dialling.add("c"));
    assertThat(dialling).containsExactly("many", "many", "many", "many", "a", "b");
  }

  @Test
  void eitherKindMayHaveHalfOfThePlaces() {
    DialGate gate = new DialGate(256, 10, PATIENCE, timers);
    for (int i = 0; i < 8; i++) {
      String network = "network " + i;
      gate.ask(true, network, () -> dialling.add("again"));
    }
    for (int i = 0; i < 8; i++) {
      String network = "network " + i;
      gate.ask(false, network, () -> dialling.add("first"));
    }
    assertThat(dialling).containsExactly("again", "again", "again", "again", "first", "first");
  }

  @Test
  void aServerThatIsDownIsAskedOnceASecond() {
    first("a").failed(true);
    timers.advance(Duration.ofMillis(300));
    first("b");
    again("c");
    assertThat(dialling).containsExactly("a");
    timers.advance(Duration.ofMillis(699));
    assertThat(dialling).containsExactly("a");
    timers.advance(Duration.ofMillis(1));
    assertThat(dialling).hasSize(2);
    timers.advance(Duration.ofMillis(999));
    assertThat(dialling).hasSize(2);
    timers.advance(Duration.ofMillis(1));
    assertThat(dialling).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(timers.pending()).as("nobody waits").isZero();
  }

  @Test
  void aServerThatIsDownIsAskedAtOnceForTheNextWhereATurnIsGivenUp() {
    first("a").failed(true);
    timers.advance(Duration.ofSeconds(5));
    Turn b = first("b");
    Turn c = first("c");
    first("d");
    assertThat(dialling).containsExactly("a", "b");
    b.end();
    assertThat(dialling).containsExactly("a", "b", "c");
    c.abandon();
    assertThat(dialling).as("it was asked, for c").containsExactly("a", "b", "c");
    timers.advance(Duration.ofSeconds(1));
    assertThat(dialling).containsExactly("a", "b", "c", "d");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itsFirstAnswerLetsTheOthersFollow(boolean welcomes) {
    first("a").failed(true);
    timers.advance(Duration.ofSeconds(5));
    Turn b = first("b");
    first("c");
    first("d");
    assertThat(dialling).containsExactly("a", "b");
    if (welcomes) {
      b.welcomed();
    } else {
      b.refused();
    }
    assertThat(dialling).containsExactly("a", "b", "c", "d");
  }

  @Test
  void thoseHeldBackFollowTheFirstWelcome() {
    Turn a = first("a");
    onceWelcoming("x");
    onceWelcoming("y");
    assertThat(gate.waiting()).isEqualTo(2);
    a.refused();
    assertThat(dialling).as("an answer alone says nothing to them").containsExactly("a");
    first("b").welcomed();
    assertThat(dialling).containsExactly("a", "b", "x", "y");
    assertThat(gate.waiting()).isZero();
  }

  @Test
  void oneASecondOfThoseHeldBackAsks() {
    for (String name : List.of("x", "y", "z")) {
      onceWelcoming(name);
    }
    List<String> asked = new ArrayList<>();
    for (int second = 0; second < 6; second++) {
      timers.advance(Duration.ofMillis(999));
      assertThat(dialling).isEqualTo(asked);
      timers.advance(Duration.ofMillis(1));
      String name = dialling.get(dialling.size() - 1);
      asked.add(name);
      assertThat(dialling).isEqualTo(asked);
      turns.get(name).refused();
      onceWelcoming(name);
    }
    assertThat(asked).containsExactly("x", "y", "z", "x", "y", "z");
  }

  @Test
  void thoseHeldBackKeepNobodyElseWaiting() {
    onceWelcoming("x");
    assertThat(gate.accepts()).isTrue();
    first("a");
    again("b");
    assertThat(dialling).containsExactly("a", "b");
  }

  @Test
  void oneThatWasHeldBackForLongEnoughDialsAndOneThatGaveUpDoesNot() {
    Turn x = onceWelcoming("x");
    Turn y = onceWelcoming("y");
    y.end();
    x.release();
    assertThat(dialling).containsExactly("x");
    x.release();
    timers.advance(Duration.ofSeconds(5));
    assertThat(dialling).containsExactly("x");
    assertThat(timers.pending()).as("nobody waits").isZero();
  }

  @Test
  void whereNothingAnswersThoseHeldBackTakeTurnsWithTheOthersOnceASecond() {
    first("a").failed(true);
    first("b");
    onceWelcoming("x");
    onceWelcoming("y");
    for (int second = 1; second <= 3; second++) {
      timers.advance(Duration.ofSeconds(1));
      assertThat(dialling).hasSize(second + 1);
      turns.get(dialling.get(second)).failed(true);
    }
    assertThat(dialling).containsExactlyInAnyOrder("a", "b", "x", "y");
  }

  @Test
  void aDialThatIsGivenUpKeepsItsPlaceForAsLongAsAWelcomeTakes() {
    Turn a = first("a");
    timers.advance(Duration.ofMillis(500));
    a.welcomed();
    Turn b = first("b");
    first("c");
    first("d");
    timers.advance(Duration.ofMillis(100));
    b.abandon();
    timers.advance(Duration.ofMillis(399));
    assertThat(dialling).containsExactly("a", "b", "c");
    timers.advance(Duration.ofMillis(1));
    assertThat(dialling).containsExactly("a", "b", "c", "d");
  }

  @Test
  void eachKindGoesInTheOrderInWhichItCame() {
    Turn a = first("a");
    Turn b = first("b");
    again("x");
    again("y");
    a.end();
    b.end();
    assertThat(dialling).containsExactly("a", "b", "x", "y");
  }

  @Test
  void firstDialsAreTurnedAwayWhenTooManyWait() {
    first("a");
    first("b");
    first("c");
    assertThat(gate.accepts()).isTrue();
    Turn d = first("d");
    assertThat(gate.accepts()).isFalse();
    assertThat(first("e")).isNull();
    d.end();
    assertThat(gate.accepts()).isTrue();
    assertThat(first("f")).isNotNull();
  }

  @Test
  void thoseThatComeBackAreNeverTurnedAway() {
    first("a");
    first("b");
    for (int i = 0; i < 5_000; i++) {
      assertThat(again("back")).isNotNull();
    }
    assertThat(gate.accepts()).isTrue();
  }

  @Test
  void whoStopsWaitingIsPassedOver() {
    Turn a = first("a");
    first("b");
    Turn c = first("c");
    Turn x = again("x");
    again("y");
    c.end();
    x.end();
    a.end();
    assertThat(dialling).containsExactly("a", "b", "y");
  }

  @Test
  void aGateWithoutAQueueTurnsAwayAtOnce() {
    DialGate narrow = new DialGate(1, 0, PATIENCE, timers);
    Turn only = narrow.ask(false, "", () -> {});
    assertThat(narrow.accepts()).isFalse();
    assertThat(narrow.ask(false, "", () -> {})).isNull();
    only.end();
    assertThat(narrow.accepts()).isTrue();
  }

  private Turn first(String name) {
    return kept(name, gate.ask(false, name, () -> dialling.add(name)));
  }

  private Turn again(String name) {
    return kept(name, gate.ask(true, name, () -> dialling.add(name)));
  }

  private Turn onceWelcoming(String name) {
    return kept(name, gate.askOnceWelcoming(name, () -> dialling.add(name)));
  }

  private Turn kept(String name, Turn turn) {
    turns.put(name, turn);
    return turn;
  }
}
