package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.concurrent.Mailbox;
import cablestream.echo.EchoTrial;
import cablestream.echo.EchoTrials;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EchoCableTest {
  private final ManualExecutor pool = new ManualExecutor();
  private final FakeTimers timers = new FakeTimers(pool);
  private final Mailbox mailbox = new Mailbox(pool);
  private final RecordingOwner owner = new RecordingOwner(mailbox);
  private final Account account = Account.ofHeap();
  private final Cable cable =
      EchoCable.dialer(new EchoTrials(account, timers)).cable(owner, mailbox, Cable.Reader.CLIENT);

  private void demand() {
    mailbox.run(cable::demand);
  }

  private String send(String frame) {
    String[] outcome = {"never"};
    mailbox.run(() -> cable.send(frame, error -> outcome[0] = error));
    return outcome[0];
  }

  private void assertEnded(String why, String... heard) {
    assertThat(owner.heard()).containsExactly(heard);
    assertThat(owner.ending.closeReason()).isEqualTo(why);
  }

  private void open() {
    mailbox.run(() -> cable.open(null, "192.0.2.1"));
  }

  @Test
  void itWelcomesAndSaysAgainWhatItIsTold() {
    open();
    demand();
    assertThat(send("hello")).isNull();
    demand();
    assertThat(owner.heard())
        .containsExactly("welcomed", "frame {\"type\":\"welcome\"}", "frame hello");
  }

  @Test
  void nothingIsSaidUnasked() {
    open();
    send("hello");
    timers.advance(Duration.ofSeconds(10));
    assertThat(owner.heard()).containsExactly("welcomed");
  }

  @Test
  void itPings() {
    open();
    demand();
    demand();
    timers.advance(Duration.ofSeconds(3));
    assertThat(owner.heard()).hasSize(3).last().asString().startsWith("frame {\"type\":\"ping\"");
  }

  @Test
  void itEndsAfterAMinute() {
    open();
    timers.advance(Duration.ofSeconds(61));
    assertEnded("the trial is over", "welcomed", "ended CLOSED closed");
    assertThat(send("more")).isEqualTo("the trial is over");
    timers.advance(Duration.ofSeconds(61));
    assertThat(owner.heard()).isEmpty();
  }

  @Test
  void nobodyMakesItKeepMuch() {
    open();
    assertThat(send("x".repeat(EchoTrial.MAX_FRAME + 1)))
        .isEqualTo("the limit of a trial is exceeded");
    assertEnded("the limit of a trial is exceeded", "welcomed", "ended CLOSED closed");
  }

  @Test
  void whoTakesNothingOfWhatItSaysIsSentAway() {
    open();
    String frame = "x".repeat(EchoTrial.MAX_FRAME);
    int said = 0;
    while (send(frame) == null) {
      said++;
    }
    assertThat(said).isEqualTo(15);
    assertEnded("the limit of a trial is exceeded", "welcomed", "ended CLOSED closed");
    mailbox.run(() -> cable.close(1000, ""));
    assertThat(account.used()).isZero();
  }

  @Test
  void oneTooManyIsToldSo() {
    account.force(Kind.TRIAL, account.limit(Kind.TRIAL));
    open();
    assertEnded("too many trials at once", "ended CLOSED closed");
    assertThat(send("hello")).isEqualTo("the trial is over");
  }
}
