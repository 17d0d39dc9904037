package cablestream.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Which losses the ledger permits and which it reports. */
class EventLedgerTest {
  private static final String SESSION = "s";

  private final EventLedger ledger = new EventLedger(0, Transport.EVENT_SOURCE, false);
  private long event;

  private void given(int life, int messages) {
    for (int i = 0; i < messages; i++) {
      ledger.give(life);
    }
  }

  /**
   * A client with a new session and a life with this many messages, none of which it has received.
   */
  private void begun(int messages) {
    ledger.joined(SESSION, 0, false, false);
    given(ledger.begin(), messages);
    ledger.connected(SESSION, ++event);
  }

  private void seen(int life, long... numbers) {
    for (long number : numbers) {
      ledger.received(SESSION, ++event, life, number, true);
    }
  }

  @Test
  void allInOrderIsClean() {
    begun(3);
    seen(1, 1, 2, 3);
    assertThat(ledger.verdict().counts())
        .isEqualTo(Map.of(EventFate.SENT, 3L, EventFate.DELIVERED, 3L));
    assertThat(ledger.verdict().isClean()).isTrue();
  }

  @Test
  void aMissingOneIsLost() {
    begun(3);
    seen(1, 1, 3);
    assertThat(ledger.verdict().count(EventFate.LOST_UNANNOUNCED)).isOne();
    assertThat(ledger.verdict().count(EventFate.DELIVERED)).isEqualTo(2);
  }

  @Test
  void oneThatComesTwiceIsADuplicate() {
    begun(2);
    seen(1, 1, 1, 2);
    assertThat(ledger.verdict().count(EventFate.DUPLICATED)).isOne();
    assertThat(ledger.verdict().count(EventFate.LOST_UNANNOUNCED)).isZero();
  }

  @Test
  void twoThatAreSwappedAreOutOfOrderAndNotLost() {
    begun(3);
    seen(1, 2, 1, 3);
    assertThat(ledger.verdict().count(EventFate.OUT_OF_ORDER)).isOne();
    assertThat(ledger.verdict().count(EventFate.LOST_UNANNOUNCED)).isZero();
    assertThat(ledger.verdict().count(EventFate.DELIVERED)).isEqualTo(3);
  }

  @Test
  void whatIsMissingAtTheEndIsLost() {
    begun(3);
    seen(1, 1);
    assertThat(ledger.isSettled()).isFalse();
    assertThat(ledger.verdict().count(EventFate.LOST_UNANNOUNCED)).isEqualTo(2);
  }

  @Test
  void anAlteredOneIsWrong() {
    begun(1);
    ledger.received(SESSION, ++event, 1, 1, false);
    assertThat(ledger.verdict().count(EventFate.WRONG)).isOne();
  }

  @Test
  void aCableMayTakeItsLastMessagesWithIt() {
    begun(3);
    seen(1, 1);
    ledger.end(1, "reset");
    ledger.disconnected(SESSION, ++event, "lost", 0);
    given(ledger.begin(), 2);
    seen(2, 1, 2);
    assertThat(ledger.verdict().count(EventFate.LOST_WITH_CABLE)).isEqualTo(2);
    assertThat(ledger.verdict().isClean()).isTrue();
  }

  @Test
  void butNotTheFirstOfTheNextLife() {
    begun(1);
    seen(1, 1);
    ledger.end(1, "reset");
    ledger.disconnected(SESSION, ++event, "lost", 0);
    given(ledger.begin(), 2);
    seen(2, 2);
    assertThat(ledger.verdict().count(EventFate.LOST_UNANNOUNCED)).isOne();
  }

  @Test
  void norAnythingIfTheServerSaidGoodbye() {
    begun(3);
    seen(1, 1, 2);
    ledger.end(1, "disconnect");
    ledger.disconnected(SESSION, ++event, "server_restart:1", 1);
    given(ledger.begin(), 1);
    seen(2, 1);
    assertThat(ledger.verdict().count(EventFate.LOST_UNANNOUNCED)).isOne();
  }

  @Test
  void aNewCableThatNobodyAnnouncedIsWrong() {
    begun(1);
    seen(1, 1);
    ledger.end(1, "reset");
    given(ledger.begin(), 1);
    seen(2, 1);
    assertThat(ledger.verdict().count(EventFate.WRONG)).isOne();
  }

  @Test
  void aGapExcusesAsManyAsItSays() {
    begun(5);
    seen(1, 1);
    ledger.joined(SESSION, event, false, true);
    ledger.gap(SESSION, event += 3, 3L);
    seen(1, 5);
    assertThat(ledger.verdict().count(EventFate.LOST_IN_GAP)).isEqualTo(3);
    assertThat(ledger.verdict().isClean()).isTrue();
  }

  @Test
  void andNoMore() {
    begun(5);
    seen(1, 1);
    ledger.gap(SESSION, event += 2, 2L);
    seen(1, 5);
    assertThat(ledger.verdict().count(EventFate.LOST_UNANNOUNCED)).isEqualTo(3);
  }

  @Test
  void aGapMayBeTheLastThatIsHeard() {
    begun(3);
    seen(1, 1);
    ledger.gap(SESSION, event += 2, 2L);
    assertThat(ledger.isSettled()).isTrue();
    assertThat(ledger.verdict().count(EventFate.LOST_IN_GAP)).isEqualTo(2);
  }

  @Test
  void aGapWhoseSizeIsNotItsSizeIsWrong() {
    begun(3);
    seen(1, 1, 2, 3);
    ledger.gap(SESSION, event + 2, 3L);
    assertThat(ledger.verdict().count(EventFate.WRONG)).isOne();
  }

  @Test
  void aHoleInTheNumbersOfTheEventsIsWrong() {
    begun(1);
    ledger.received(SESSION, event + 2, 1, 1, true);
    assertThat(ledger.verdict().count(EventFate.WRONG)).isOne();
  }

  @Test
  void aNewSessionMayHaveLostAnythingIfItSaysSo() {
    begun(3);
    seen(1, 1);
    ledger.end(1, "the bridge was stopped");
    ledger.joined("another", 0, false, true);
    given(ledger.begin(), 1);
    ledger.connected("another", 1);
    ledger.received("another", 2, 2, 1, true);
    assertThat(ledger.verdict().count(EventFate.LOST_WITH_SESSION)).isEqualTo(2);
    assertThat(ledger.verdict().isClean()).isTrue();
  }

  @Test
  void aNewSessionThatClaimsToBeTheOldOneIsWrong() {
    begun(1);
    seen(1, 1);
    ledger.joined("another", event, true, true);
    assertThat(ledger.verdict().count(EventFate.WRONG)).isPositive();
  }

  @Test
  void oneThatResumesElsewhereIsWrong() {
    begun(1);
    seen(1, 1);
    ledger.joined(SESSION, event - 1, true, true);
    assertThat(ledger.verdict().count(EventFate.WRONG)).isOne();
  }

  @Test
  void anotherSessionMayAnswerWhoHasNoCursorYet() {
    ledger.answeredBy(SESSION, false);
    ledger.answeredBy("another", false);
    assertThat(ledger.verdict().violations()).noneMatch(each -> each.contains("answered by"));
  }

  @Test
  void butNobodyElse() {
    ledger.answeredBy(SESSION, false);
    ledger.answeredBy("another", true);
    assertThat(ledger.verdict().violations()).anyMatch(each -> each.contains("answered by"));
  }

  /**
   * With several nodes: a life on each, and the client moves from the first to the second and back.
   */
  @Nested
  class Moving {
    private final EventLedger ledger = new EventLedger(0, Transport.LONG_POLL, true);

    private void joins(String session, long... numbers) {
      ledger.joined(session, 0, false, true);
      ledger.connected(session, 1);
      int life = session.equals("first") ? 1 : 2;
      for (int i = 0; i < numbers.length; i++) {
        ledger.received(session, 2 + i, life, numbers[i], true);
      }
    }

    Moving() {
      for (int life : new int[] {ledger.begin(), ledger.begin()}) {
        ledger.give(life);
        ledger.give(life);
      }
      joins("first", 1, 2);
    }

    @Test
    void whatItHadOfASessionThatItJoinsAgainAnewIsNoDuplicate() {
      joins("second", 1, 2);
      joins("first", 1, 2);
      ledger.end(2, "it lingered");
      assertThat(ledger.verdict().isClean()).as(ledger.verdict().violations()::toString).isTrue();
      assertThat(ledger.verdict().count(EventFate.DELIVERED)).isEqualTo(4);
    }

    @Test
    void theSameTwiceInOneStayIsOne() {
      joins("second", 1, 1);
      ledger.end(1, "it lingered");
      assertThat(ledger.verdict().count(EventFate.DUPLICATED)).isOne();
    }

    @Test
    void itIsNotSettledWhileTwoSessionsLive() {
      assertThat(ledger.isSettled()).isFalse();
      ledger.end(2, "it lingered");
      assertThat(ledger.isSettled()).isTrue();
    }

    @Test
    void norWhereTheOneThatItHearsIsOverAndTheOtherLives() {
      ledger.end(1, "it gave way");
      assertThat(ledger.isSettled()).isFalse();
      assertThat(ledger.verdict().count(EventFate.WRONG)).isOne();
    }
  }
}
