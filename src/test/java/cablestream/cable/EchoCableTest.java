package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.DialObserver.OpenedBy;
import cablestream.concurrent.Mailbox;
import cablestream.echo.EchoTrial;
import cablestream.echo.EchoTrials;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EchoCableTest {
  private final ManualExecutor pool = new ManualExecutor();
  private final FakeTimers timers = new FakeTimers(pool);
  private final Mailbox mailbox = new Mailbox(pool);
  private final List<String> heard = new ArrayList<>();
  private final Account account = Account.ofHeap();
  private final Cable cable =
      new EchoDialer(new EchoTrials(account, timers))
          .cable(new Hearer(), mailbox, Cable.Reader.CLIENT);

  private final class Hearer implements Cable.Owner {
    @Override
    public void welcomed(boolean again) {
      heard.add("welcomed");
    }

    @Override
    public void frame(byte[] text) {
      heard.add(new String(text, StandardCharsets.UTF_8));
    }

    @Override
    public void ended(CableEnding ending) {
      heard.add("ended " + ending.closeReason());
    }

    @Override
    public void confirmed(String identifier) {
      throw new AssertionError();
    }

    @Override
    public void rejected(String identifier) {
      throw new AssertionError();
    }

    @Override
    public void received(String identifier, byte[] frame, int from, int to) {
      throw new AssertionError();
    }

    @Override
    public void unreadable(String why) {
      throw new AssertionError();
    }

    @Override
    public void dropped(String reason) {
      throw new AssertionError();
    }
  }

  private void demand() {
    mailbox.run(cable::demand);
  }

  private String send(String frame) {
    String[] outcome = {"never"};
    mailbox.run(() -> cable.send(frame, error -> outcome[0] = error));
    return outcome[0];
  }

  private void open() {
    mailbox.run(() -> cable.open(null, OpenedBy.TUNNEL));
  }

  @Test
  void itWelcomesAndSaysAgainWhatItIsTold() {
    open();
    demand();
    assertThat(send("hello")).isNull();
    demand();
    assertThat(heard).containsExactly("welcomed", "{\"type\":\"welcome\"}", "hello");
  }

  @Test
  void nothingIsSaidUnasked() {
    open();
    send("hello");
    timers.advance(Duration.ofSeconds(10));
    assertThat(heard).containsExactly("welcomed");
  }

  @Test
  void itPings() {
    open();
    demand();
    demand();
    timers.advance(Duration.ofSeconds(3));
    assertThat(heard).hasSize(3).last().asString().startsWith("{\"type\":\"ping\"");
  }

  @Test
  void itEndsAfterAMinute() {
    open();
    timers.advance(Duration.ofSeconds(61));
    assertThat(heard).endsWith("ended the trial is over");
    assertThat(send("more")).isEqualTo("the trial is over");
    timers.advance(Duration.ofSeconds(61));
    assertThat(heard).hasSize(2);
  }

  @Test
  void nobodyMakesItKeepMuch() {
    open();
    assertThat(send("x".repeat(EchoTrial.MOST_FRAME + 1))).isEqualTo("too much for a trial");
    assertThat(heard).endsWith("ended too much for a trial");
  }

  @Test
  void whoTakesNothingOfWhatItSaysIsSentAway() {
    open();
    String frame = "x".repeat(EchoTrial.MOST_FRAME);
    int said = 0;
    while (send(frame) == null) {
      said++;
    }
    assertThat(said).isEqualTo(15);
    assertThat(heard).endsWith("ended too much for a trial");
    mailbox.run(() -> cable.close(1000, ""));
    assertThat(account.used()).isZero();
  }

  @Test
  void oneTooManyIsToldSo() {
    account.force(Kind.TRIAL, account.limit(Kind.TRIAL));
    open();
    assertThat(heard).containsExactly("ended too many trials at once");
    assertThat(send("hello")).isEqualTo("the trial is over");
  }
}
