package cablestream.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommandLedgerTest {
  private final CommandLedger ledger = new CommandLedger(0, Transport.EVENT_SOURCE, new Trace());
  private final long cable = System.nanoTime();

  private long answered(String error) {
    long number = ledger.post("s");
    ledger.answered(number, error);
    return number;
  }

  @Test
  void oneThatIsAnsweredAndCarriedOutIsClean() {
    ledger.carriedOut(answered(null), cable);
    assertThat(ledger.verdict().count(CommandFate.CARRIED_OUT)).isOne();
    assertThat(ledger.verdict().isClean()).isTrue();
  }

  @Test
  void oneThatIsCarriedOutTwiceIsADuplicate() {
    long number = answered(null);
    ledger.carriedOut(number, cable);
    ledger.carriedOut(number, cable);
    assertThat(ledger.verdict().count(CommandFate.DUPLICATED)).isOne();
  }

  @Test
  void oneThatIsMissingWhileItsCableWentOnIsLost() {
    answered(null);
    ledger.carriedOut(answered(null), cable);
    assertThat(ledger.verdict().count(CommandFate.LOST)).isOne();
  }

  @Test
  void oneThatIsMissingBeforeANewCableIsCountedApart() {
    answered(null);
    ledger.carriedOut(answered(null), System.nanoTime());
    assertThat(ledger.verdict().count(CommandFate.LOST)).isZero();
    assertThat(ledger.verdict().count(CommandFate.BROKEN)).isOne();
  }

  @Test
  void oneThatComesAfterALaterOneIsOutOfOrder() {
    long first = answered(null);
    ledger.carriedOut(answered(null), cable);
    ledger.carriedOut(first, cable);
    assertThat(ledger.verdict().count(CommandFate.OUT_OF_ORDER)).isOne();
  }

  @Test
  void oneThatABrokenCableDeliversLateIsNoFault() {
    long first = answered(null);
    ledger.carriedOut(answered(null), System.nanoTime());
    ledger.carriedOut(first, cable);
    assertThat(ledger.verdict().isClean()).isTrue();
  }

  @Test
  void oneThatWasSaidNotToBeWrittenMustNotBeCarriedOut() {
    ledger.carriedOut(answered("not subscribed"), cable);
    assertThat(ledger.verdict().count(CommandFate.WRONG)).isOne();
  }

  @Test
  void oneThatFailedOnTheWayMayHaveArrived() {
    ledger.carriedOut(answered("server_restart"), cable);
    assertThat(ledger.verdict().isClean()).isTrue();
    assertThat(ledger.verdict().count(CommandFate.FAILED)).isOne();
  }
}
