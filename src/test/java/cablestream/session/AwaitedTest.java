package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static cablestream.session.SessionHarness.ID;
import static cablestream.session.SessionHarness.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.memory.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whether a client waits for a session's dial, and what happens to the dial if none does. */
class AwaitedTest {
  private final SessionHarness scene = new SessionHarness();

  private RecordingStream tunnel() {
    return scene.listen(new SessionRequest(ID, ALICE, Mode.TUNNEL, null), 0);
  }

  private RecordingReply frame() {
    RecordingReply reply = new RecordingReply();
    scene.manager.command(
        new SessionRequest(ID, ALICE, Mode.TUNNEL, null),
        new CommandBatch(List.of(new Command.Frame("{}")), null, null),
        false,
        reply);
    return reply;
  }

  @Test
  void anOpeningSessionIsAwaitedUntilTheLastOfItsCallersHasHungUp() {
    RecordingStream stream = scene.listen();
    RecordingPoll poll = scene.poll();
    RecordingReply reply = scene.command(subscribe());
    stream.hungUp = true;
    poll.hungUp = true;
    assertThat(scene.cable().isAwaited()).isTrue();
    reply.hungUp = true;
    assertThat(scene.cable().isAwaited()).isFalse();
    scene.poll();
    assertThat(scene.cable().isAwaited()).as("another has come").isTrue();
  }

  @Test
  void oneThatNobodyWaitsForEndsAndHoldsNothing() {
    int timers = scene.timers.pending();
    RecordingStream stream = scene.listen();
    RecordingPoll poll = scene.poll();
    scene.cable().isAbandoned();
    assertThat(scene.manager.size()).isZero();
    assertThat(scene.observer.heard("ended")).containsExactly("ended: LINGER");
    assertThat(scene.cable().closeCode).isEqualTo(1000);
    assertThat(List.of(stream.refusal.status(), poll.refusal.status())).containsOnly(410);
    scene.settle();
    for (Kind kind : Kind.values()) {
      assertThat(scene.account.used(kind)).as(kind.name()).isZero();
    }
    assertThat(scene.timers.pending()).isEqualTo(timers);
    assertThat(scene.open().briefly()).as("its events-id is free").containsExactly("joined false");
  }

  @Test
  void aLiveSessionIsAwaitedByItsListeners() {
    RecordingStream stream = scene.open();
    scene.cable().breaks("lost");
    scene.pass(Duration.ofSeconds(20));
    assertThat(scene.cable().isAwaited()).isTrue();
    stream.hungUp = true;
    assertThat(scene.cable().isAwaited()).isFalse();
    RecordingPoll poll = scene.poll();
    assertThat(scene.cable().isAwaited()).isTrue();
    poll.hungUp = true;
    assertThat(scene.cable().isAwaited()).isFalse();
    scene.listen();
    assertThat(scene.cable().isAwaited()).isTrue();
  }

  @Test
  void aLiveSessionThatWasLeftIsAwaitedForFiveSeconds() {
    scene.open().leaves();
    scene.cable().breaks("lost");
    scene.pass(Duration.ofMillis(4_999));
    assertThat(scene.cable().isAwaited()).as("it polls, or is about to come back").isTrue();
    scene.pass(Duration.ofMillis(1));
    assertThat(scene.cable().isAwaited()).isFalse();
    assertThat(scene.command(subscribe()).outcomes()).hasSize(1);
    assertThat(scene.cable().isAwaited()).as("a POST doesn't wait for the cable").isFalse();
  }

  @Test
  void aTunnelIsAwaitedByItsListenersAndPostsFromItsOpeningOn() {
    RecordingStream stream = tunnel();
    assertThat(scene.cable().isAwaited()).isTrue();
    stream.hungUp = true;
    assertThat(scene.cable().isAwaited()).isFalse();
    RecordingReply reply = frame();
    assertThat(scene.cable().isAwaited()).isTrue();
    reply.hungUp = true;
    assertThat(scene.cable().isAwaited()).isFalse();
    scene.cable().isAbandoned();
    assertThat(scene.manager.size()).isZero();
    assertThat(scene.observer.heard("ended")).containsExactly("ended: LINGER");
    assertThat(reply.outcomes()).containsExactly("the tunnel is closed");
    assertThat(stream.briefly()).containsExactly("opened", "close");
  }
}
