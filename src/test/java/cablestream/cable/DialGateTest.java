package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.DialGate.Turn;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DialGateTest {
  private final DialGate gate = new DialGate(2, 2);
  private final List<String> dialling = new ArrayList<>();

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
  void newSessionsGoBeforeThoseThatComeBack() {
    Turn a = first("a");
    Turn b = first("b");
    again("back");
    first("c");
    a.end();
    assertThat(dialling).containsExactly("a", "b", "c");
    b.end();
    assertThat(dialling).containsExactly("a", "b", "c", "back");
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
    DialGate narrow = new DialGate(1, 0);
    Turn only = narrow.ask(false, () -> {});
    assertThat(narrow.accepts()).isFalse();
    assertThat(narrow.ask(false, () -> {})).isNull();
    only.end();
    assertThat(narrow.accepts()).isTrue();
  }

  private Turn first(String name) {
    return gate.ask(false, () -> dialling.add(name));
  }

  private Turn again(String name) {
    return gate.ask(true, () -> dialling.add(name));
  }
}
