package cablestream.echo;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.concurrent.Mailbox;
import cablestream.memory.Account;
import cablestream.memory.FairShares;
import cablestream.memory.Kind;
import cablestream.support.FakeTimers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EchoTrialsTest {
  private final FakeTimers timers = new FakeTimers();
  private final Account account = new Account(96 << 20, 24 << 20);
  private final EchoTrials trials = new EchoTrials(account, timers);

  private static final class Recorder implements EchoTrial.Visitor {
    private final Mailbox mailbox = new Mailbox(Runnable::run);
    private final List<String> reasons = new ArrayList<>();

    @Override
    public void send(byte[] frame) {
      throw new AssertionError("nothing asked for it");
    }

    @Override
    public void ended(String reason) {
      reasons.add(reason);
    }
  }

  private EchoTrial begin(Recorder visitor, String network) {
    EchoTrial[] trial = new EchoTrial[1];
    visitor.mailbox.run(() -> trial[0] = trials.begin(visitor.mailbox, visitor, network));
    return trial[0];
  }

  @Test
  void anAddressHasTwentyAtOnce() {
    Recorder visitor = new Recorder();
    EchoTrial first = begin(visitor, "192.0.2.1");
    for (int i = 1; i < 20; i++) {
      assertThat(begin(new Recorder(), "192.0.2.1")).isNotNull();
    }
    assertThat(trials.admits("192.0.2.1")).isFalse();
    assertThat(begin(new Recorder(), "192.0.2.1")).isNull();
    assertThat(trials.admits("192.0.2.2")).isTrue();
    visitor.mailbox.run(first::leave);
    assertThat(begin(new Recorder(), "192.0.2.1")).isNotNull();
  }

  @Test
  void whereThereIsNoRoomTheOldestOfTheAddressThatHasMostGivesWay() {
    List<Recorder> visitors = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      visitors.add(new Recorder());
      begin(visitors.get(i), "192.0.2." + i % 10);
    }
    Recorder elsewhere = new Recorder();
    assertThat(begin(elsewhere, "198.51.100.7")).isNotNull();
    assertThat(elsewhere.reasons).isEmpty();
    assertThat(visitors.get(0).reasons).containsExactly("too many trials at once");
    assertThat(account.used(Kind.TRIAL)).isLessThanOrEqualTo(account.limit(Kind.TRIAL));
  }

  /** It would wait for its welcome until its time is over. */
  @Test
  void oneForWhoseWelcomeThereIsNoMemoryEndsAtOnce() {
    Recorder visitor = new Recorder();
    for (int bytes : new int[] {4_096, 1}) {
      while (account.holder().reserve(Kind.TRIAL, bytes)) {
        // Another caller's.
      }
    }

    EchoTrial trial =
        new EchoTrial(
            visitor.mailbox, timers, account.holder(), visitor, new FairShares<>(), "192.0.2.1");
    visitor.mailbox.run(trial::begin);

    assertThat(trial.isOver()).isTrue();
    assertThat(visitor.reasons).containsExactly("too many trials at once");
  }
}
