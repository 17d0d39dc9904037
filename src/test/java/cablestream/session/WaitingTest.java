package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static cablestream.session.SessionHarness.CHAT;
import static cablestream.session.SessionHarness.ID;
import static cablestream.session.SessionHarness.send;
import static cablestream.session.SessionHarness.subscribe;
import static cablestream.session.SessionHarness.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.log.Identifier;
import cablestream.memory.Kind;
import cablestream.protocol.CommandExecutor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Waiting requests of a session are bounded by their size. */
class WaitingTest {
  private final SessionHarness scene = new SessionHarness();

  private static final String BIG = "{\"a\":\"" + "x".repeat(60_000) + "\"}";
  private static final Identifier HUGE =
      new Identifier("{\"channel\":\"" + "C".repeat(62_000) + "\"}", "huge");

  private RecordingReply frames(String... frames) {
    List<Command> commands = new ArrayList<>();
    for (String frame : frames) {
      commands.add(new Command.Frame(frame));
    }
    RecordingReply reply = new RecordingReply();
    scene.manager.command(
        new SessionRequest(ID, ALICE, Mode.TUNNEL, null),
        new CommandBatch(commands, null, null),
        false,
        reply);
    return reply;
  }

  @Test
  void soManyRequestsWaitForADialAndOneMoreIsAskedToComeAgain() {
    scene.listen();
    List<RecordingReply> waiting = new ArrayList<>();
    for (int i = 1; i < WaitingRequests.MAX; i++) {
      waiting.add(scene.command(subscribe()));
    }
    RecordingReply refused = scene.command(subscribe());
    assertThat(refused.refusal.status()).isEqualTo(429);
    assertThat(refused.refusal.retryAfterSeconds()).isPositive();
    assertThat(scene.listen().refusal.status()).isEqualTo(429);
    scene.cable().welcomes();
    assertThat(waiting).allMatch(reply -> reply.outcomes().equals(List.of("ok")));
    assertThat(scene.command(subscribe()).outcomes()).containsExactly("ok");
  }

  @Test
  void soManyBytesWaitForADial() {
    scene.listen();
    List<RecordingReply> replies = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      replies.add(scene.command(send(BIG)));
    }
    assertThat(replies.stream().filter(reply -> reply.refusal == null)).hasSize(4);
    scene.cable().welcomes();
    assertThat(replies.get(3).outcomes()).containsExactly("not subscribed");
  }

  @Test
  void whatTheContainerKeepsForAPostIsChargedUntilItIsAnswered() {
    scene.open();
    scene.command(subscribe());
    long before = scene.account.used(Kind.LISTENER);
    RecordingReply held = scene.command(send("1"));
    assertThat(scene.account.used(Kind.LISTENER)).isEqualTo(before + SessionHarness.RESPONSE_BYTES);
    scene.cable().confirms(CHAT);
    assertThat(held.outcomes()).containsExactly("ok");
    assertThat(scene.account.used(Kind.LISTENER)).isEqualTo(before);
  }

  @Test
  void aPostForWhichThereIsNoMemoryIsRefusedAndNotCarriedOut() {
    scene.openSubscribed();
    int sent = scene.cable().sent.size();
    for (int bytes : new int[] {64 * 1_024, 1_024, 1}) {
      while (scene.account.holder().reserve(Kind.LISTENER, bytes)) {
        // Another caller's.
      }
    }
    RecordingReply refused = scene.command(send("1"));
    assertThat(refused.refusal.status()).isEqualTo(503);
    assertThat(refused.refusal.retryAfterSeconds()).isPositive();
    assertThat(scene.cable().sent).hasSize(sent);
  }

  @Test
  void aBodyThatWouldOnlyBeRefusedNeedNotBeRead() {
    assertThat(scene.manager.refusalUnread(ID, 60_000)).as("no session").isNull();
    scene.listen();
    for (int i = 0; i < 4; i++) {
      assertThat(scene.manager.refusalUnread(ID, 60_000)).isNull();
      scene.command(send(BIG));
    }
    assertThat(scene.manager.refusalUnread(ID, 60_000).status()).isEqualTo(429);
    assertThat(scene.manager.refusalUnread(ID, 100)).as("there is room for it").isNull();
    assertThat(scene.manager.refusalUnread(ID, 0)).as("a farewell").isNull();
    assertThat(scene.manager.refusalUnread(ID, -1)).as("nobody knows how long it is").isNull();
    scene.cable().welcomes();
    assertThat(scene.manager.refusalUnread(ID, 60_000)).isNull();
  }

  @Test
  void oneRequestAloneMayBeLarger() {
    Command[] sends = new Command[8];
    Arrays.fill(sends, send(BIG));
    RecordingReply reply = scene.command(ALICE, null, true, sends);
    scene.cable().welcomes();
    assertThat(reply.outcomes()).hasSize(8).containsOnly("not subscribed");
  }

  @Test
  void identifiersOfHeldCommandsAreCountedAsTheyAre() {
    scene.open();
    scene.command(new Command.Subscribe(HUGE));
    Command[] sends = new Command[10];
    Arrays.fill(sends, new Command.Send(HUGE, "{}"));
    RecordingReply reply = scene.command(sends);
    scene.cable().confirms(HUGE);
    assertThat(Collections.frequency(reply.outcomes(), "ok")).isEqualTo(4);
    assertThat(reply.outcomes().get(4)).startsWith("the cable is busy");
  }

  @Test
  void textsOutsideLatin1CountDouble() {
    scene.open();
    scene.command(subscribe());
    String wide = "{\"a\":\"" + "語".repeat(60_000) + "\"}";
    RecordingReply reply = scene.command(send(wide), send(wide), send(wide));
    scene.cable().confirms(CHAT);
    assertThat(reply.outcomes().get(1)).isEqualTo("ok");
    assertThat(reply.outcomes().get(2)).startsWith("the cable is busy");
  }

  @Test
  void whatWasHeldIsNotCountedAnyMoreWhenItHasBeenDealtWith() {
    scene.open();
    for (int i = 0; i < 5; i++) {
      scene.command(subscribe());
      RecordingReply reply = scene.command(send(BIG), send(BIG), send(BIG), unsubscribe());
      scene.cable().confirms(CHAT);
      assertThat(reply.outcomes()).as("round " + i).containsOnly("ok");
    }
  }

  @Test
  void soManyPostsWaitForOutcomes() {
    scene.open();
    scene.command(subscribe());
    List<RecordingReply> waiting = new ArrayList<>();
    for (int i = 0; i < CommandExecutor.MAX_PENDING; i++) {
      waiting.add(scene.command(send("{}")));
    }
    assertThat(scene.command(send("{}")).refusal.status()).isEqualTo(429);
    scene.cable().confirms(CHAT);
    assertThat(waiting).allMatch(reply -> reply.outcomes().equals(List.of("ok")));
    assertThat(scene.command(send("{}")).outcomes()).containsExactly("ok");
  }

  @Test
  void framesThatBreakTheTunnelAreAllAnswered() {
    scene.listen(new SessionRequest(ID, ALICE, Mode.TUNNEL, "0"), 0);
    String[] many = new String[60];
    Arrays.fill(many, BIG);
    RecordingReply reply = frames(many);
    assertThat(reply.results).hasSize(60);
    assertThat(reply.outcomes()).endsWith("the tunnel is closed");
    assertThat(scene.manager.size()).isZero();
  }
}
