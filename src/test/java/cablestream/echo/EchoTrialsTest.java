package cablestream.echo;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.concurrent.Mailbox;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.FakeTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EchoTrialsTest {
  private final FakeTimers timers = new FakeTimers();
  private final Account account = new Account(96 << 20, 24 << 20);
  private final EchoTrials trials = new EchoTrials(account, timers);

  @Test
  void anAddressHasTwentyAMinute() {
    for (int i = 0; i < 20; i++) {
      assertThat(trials.admits("192.0.2.1")).isTrue();
    }
    for (int i = 0; i < 20; i++) {
      assertThat(trials.admits("192.0.2.1")).isFalse();
    }
    assertThat(trials.admits("192.0.2.2")).isTrue();
    timers.advance(Duration.ofSeconds(61));
    assertThat(trials.admits("192.0.2.1")).isTrue();
  }

  @Test
  void anyNumberOfAddressesIsBoundedAndForgotten() {
    int admitted = 0;
    while (trials.admits("address " + admitted)) {
      admitted++;
    }
    assertThat(account.used(Kind.TRIAL)).isLessThanOrEqualTo(account.limit(Kind.TRIAL));
    timers.advance(Duration.ofSeconds(61));
    assertThat(account.used()).isZero();
  }

  /** It would wait for its welcome until its time is over. */
  @Test
  void oneForWhoseWelcomeThereIsNoMemoryEndsAtOnce() {
    Mailbox mailbox = new Mailbox(Runnable::run);
    List<String> reasons = new ArrayList<>();
    EchoTrial.Visitor visitor =
        new EchoTrial.Visitor() {
          @Override
          public void say(byte[] frame) {
            throw new AssertionError("nothing asked for it");
          }

          @Override
          public void over(String reason) {
            reasons.add(reason);
          }
        };
    for (int bytes : new int[] {4_096, 1}) {
      while (account.holder().take(Kind.TRIAL, bytes)) {
        // Somebody else's.
      }
    }

    EchoTrial trial = new EchoTrial(mailbox, timers, account.holder(), visitor);
    mailbox.run(trial::begin);

    assertThat(trial.isOver()).isTrue();
    assertThat(reasons).containsExactly("too many trials at once");
  }
}
