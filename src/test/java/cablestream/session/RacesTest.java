package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static cablestream.session.SessionHarness.CHAT;
import static cablestream.session.SessionHarness.ID;
import static cablestream.session.SessionHarness.NEWS;
import static cablestream.session.SessionHarness.send;
import static cablestream.session.SessionHarness.subscribe;
import static cablestream.session.SessionHarness.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.Listener;
import cablestream.browser.Mode;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.cable.CableEnding;
import cablestream.log.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Concurrent operations, each with an explicit interleaving: while a thread is inside a session's
 * mailbox, all other tasks of that session wait there, so a test that occupies the mailbox
 * determines their order.
 */
class RacesTest {
  private static final String OTHER_ID = "another-id-of-16-c";

  private final SessionHarness scene = new SessionHarness();

  private static void sendNumbers(SessionHarness where, int from, int to) {
    for (int i = from; i <= to; i++) {
      where.cable().sends(CHAT, "" + i);
    }
    where.settle();
  }

  private static SessionRequest sessionRequest(String cursor) {
    return new SessionRequest(ID, ALICE, Mode.CHANNELS, cursor);
  }

  /** A stream during one of whose calls something else happens. */
  private static final class Interrupted implements Listener.Stream {
    final RecordingStream record = new RecordingStream();
    Runnable whileAccepted = () -> {};
    Runnable whileWritten = () -> {};
    Runnable whileFinished = () -> {};

    @Override
    public void postponed(long retryMillis) {
      record.postponed(retryMillis);
    }

    @Override
    public void refused(Refusal refusal) {
      record.refused(refusal);
    }

    @Override
    public void accepted(Acceptance acceptance, Attachment attachment) {
      record.accepted(acceptance, attachment);
      once(whileAccepted, () -> whileAccepted = () -> {});
    }

    @Override
    public boolean isReady() {
      return record.isReady();
    }

    @Override
    public void write(Event event) {
      record.write(event);
      once(whileWritten, () -> whileWritten = () -> {});
    }

    @Override
    public void comeBackAfter(long milliseconds) {
      record.comeBackAfter(milliseconds);
    }

    @Override
    public void beginHeartbeat(Heartbeat heartbeat) {
      record.beginHeartbeat(heartbeat);
      once(whileWritten, () -> whileWritten = () -> {});
    }

    @Override
    public void endHeartbeat(Heartbeat heartbeat) {
      record.endHeartbeat(heartbeat);
      once(whileWritten, () -> whileWritten = () -> {});
    }

    @Override
    public void flush() {
      record.flush();
    }

    @Override
    public boolean isThrough() {
      return record.isThrough();
    }

    @Override
    public void finish() {
      record.finish();
      once(whileFinished, () -> whileFinished = () -> {});
    }

    @Override
    public void abort() {
      record.abort();
    }

    @Override
    public long progress() {
      return record.progress();
    }

    private static void once(Runnable happening, Runnable forget) {
      forget.run();
      happening.run();
    }
  }

  @Nested
  class TakeOverAgainstWriteFailure {
    private final Interrupted old = new Interrupted();
    private RecordingStream newcomer;

    private void openSubscribed() {
      scene.manager.listen(sessionRequest(null), 0, old);
      scene.cable().welcomes();
      scene.command(subscribe());
      scene.cable().confirms(CHAT);
      scene.settle();
    }

    @Test
    void theOldOneFailsInTheMiddleOfAWriteAndTheNewcomerIsWaiting() {
      openSubscribed();
      String seen = old.record.lastId();
      old.whileWritten =
          () -> {
            newcomer = scene.listen(seen);
            old.record.ready = false;
            old.record.leaves();
          };
      sendNumbers(scene, 1, 2);
      assertThat(newcomer.briefly()).containsExactly("joined true", "received 1", "received 2");
      assertThat(scene.manager.size()).isOne();
    }

    @Test
    void theOldOneFailsFirstAndTheNewcomerComesDuringTheLinger() {
      openSubscribed();
      String seen = old.record.lastId();
      old.whileWritten =
          () -> {
            old.record.ready = false;
            old.record.leaves();
            newcomer = scene.listen(seen);
          };
      sendNumbers(scene, 1, 2);
      assertThat(newcomer.briefly()).containsExactly("joined true", "received 1", "received 2");
      scene.pass(Duration.ofMinutes(1));
      assertThat(scene.manager.size()).as("its linger is over").isOne();
    }

    @Test
    void theOldOneFailsWhileItIsToldThatItWasReplaced() {
      openSubscribed();
      String seen = old.record.lastId();
      old.whileWritten = () -> old.record.leaves();
      newcomer = scene.listen(seen);
      sendNumbers(scene, 1, 1);
      scene.pass(Duration.ofMinutes(1));
      assertThat(newcomer.briefly()).containsExactly("joined true", "received 1");
      assertThat(scene.manager.size()).isOne();
    }

    @Test
    void theOldOneBecomesReadyAgainAfterItWasReplacedAndGetsItsLastEventOnly() {
      openSubscribed();
      String seen = old.record.lastId();
      old.record.ready = false;
      sendNumbers(scene, 1, 1);
      scene.whileSomebodyIsInside(
          () -> {
            newcomer = scene.listen(seen);
            old.record.becomesReady();
          });
      assertThat(old.record.briefly())
          .containsExactly("joined false", "connected", "closed replaced");
      assertThat(old.record.finished).isTrue();
      assertThat(newcomer.briefly()).containsExactly("joined true", "received 1");
    }

    @Test
    void threeAtOnceAreTakenInTheirOrderAndOnlyTheLastGoesOn() {
      openSubscribed();
      String seen = old.record.lastId();
      List<RecordingStream> three = new ArrayList<>();
      scene.whileSomebodyIsInside(
          () -> {
            for (int i = 0; i < 3; i++) {
              three.add(scene.listen(seen));
            }
            three.get(0).ready = false;
          });
      sendNumbers(scene, 1, 1);
      assertThat(three.get(0).briefly()).isEmpty();
      assertThat(three.get(1).briefly()).containsExactly("joined true", "closed replaced");
      assertThat(three.get(2).briefly()).containsExactly("joined true", "received 1");
      three.get(0).becomesReady();
      assertThat(three.get(0).briefly()).containsExactly("joined true", "closed replaced");
    }

    @Test
    void aTakeOverWhileOthersHaveUsedUpTheBudgetStillReplaysWhatItPromised() {
      SessionHarness poor = new SessionHarness(TestLimits.budget(2_000));
      poor.openSubscribed();
      RecordingPoll first = poor.poll(32, Duration.ZERO, "0");
      sendNumbers(poor, 1, 2);
      RecordingPoll lost = poor.poll(32, Duration.ZERO, first.lastId());
      poor.poll(32, Duration.ofSeconds(25), lost.lastId());
      poor.listen(new SessionRequest(OTHER_ID, ALICE, Mode.CHANNELS, null), 0).ready = false;
      poor.cable().welcomes();
      poor.manager.command(
          new SessionRequest(OTHER_ID, ALICE, Mode.CHANNELS, null),
          new CommandBatch(List.of(subscribe()), null, null),
          false,
          new RecordingReply());
      poor.cable().confirms(CHAT);
      poor.cable().sends(CHAT, "\"" + "x".repeat(3_000) + "\"");
      RecordingStream back = poor.listen(first.lastId());
      assertThat(back.briefly()).containsExactly("joined true", "received 1", "received 2");
    }
  }

  @Nested
  class TimerAgainstClose {
    @Test
    void theLingerIsOverJustBeforeAListenerComes() {
      RecordingStream first = scene.openSubscribed();
      String seen = first.lastId();
      first.leaves();
      RecordingStream[] back = new RecordingStream[1];
      scene.whileSomebodyIsInside(
          () -> {
            scene.timers.advance(Duration.ofSeconds(31));
            back[0] = scene.listen(seen);
          });
      assertThat(scene.cables).hasSize(2);
      assertThat(scene.cables.get(0).closeCode).isEqualTo(1000);
      scene.cable().welcomes();
      assertThat(back[0].briefly()).containsExactly("joined false", "gap null");
    }

    @Test
    void aListenerComesJustBeforeTheLingerIsOver() {
      RecordingStream first = scene.openSubscribed();
      String seen = first.lastId();
      first.leaves();
      RecordingStream[] back = new RecordingStream[1];
      scene.whileSomebodyIsInside(
          () -> {
            back[0] = scene.listen(seen);
            scene.timers.advance(Duration.ofSeconds(31));
          });
      sendNumbers(scene, 1, 1);
      assertThat(scene.cables).hasSize(1);
      assertThat(back[0].briefly()).containsExactly("joined true", "received 1");
    }

    @Test
    void deleteComesJustBeforeTheLingerIsOver() {
      scene.openSubscribed().leaves();
      scene.whileSomebodyIsInside(
          () -> {
            scene.end(ALICE, null);
            scene.timers.advance(Duration.ofSeconds(31));
          });
      assertThat(scene.manager.size()).isZero();
      scene.open();
      scene.pass(Duration.ofMinutes(1));
      assertThat(scene.manager.size()).as("the successor is untouched").isOne();
    }

    @Test
    void twoFarewellsAtOnceEndItOnce() {
      RecordingStream stream = scene.openSubscribed();
      stream.ready = false;
      List<RecordingReply> replies = new ArrayList<>();
      scene.whileSomebodyIsInside(
          () -> {
            replies.add(scene.end(ALICE, null));
            replies.add(scene.end(ALICE, null));
          });
      assertThat(replies).extracting(reply -> reply.refusal.status()).containsOnly(204);
      stream.becomesReady();
      assertThat(stream.briefly()).endsWith("connected", "closed ended");
      assertThat(scene.manager.size()).isZero();
      assertThat(drained(scene).aborted()).isZero();
    }

    @Test
    void aHeartbeatIsDueWhenTheListenerHasJustGone() {
      RecordingStream stream = scene.openSubscribed();
      String before = stream.text();
      scene.whileSomebodyIsInside(
          () -> {
            stream.leaves();
            scene.timers.advance(Duration.ofSeconds(15));
          });
      assertThat(stream.text()).isEqualTo(before);
    }

    @Test
    void aStalledListenerBecomesReadyJustAsItIsToBeCut() {
      RecordingStream stream = scene.openSubscribed();
      stream.ready = false;
      sendNumbers(scene, 1, 1);
      scene.pass(Duration.ofSeconds(24));
      scene.whileSomebodyIsInside(
          () -> {
            scene.timers.advance(Duration.ofSeconds(2));
            stream.becomesReady();
          });
      assertThat(stream.aborted).isFalse();
      assertThat(stream.briefly()).endsWith("received 1");
      sendNumbers(scene, 2, 2);
      assertThat(stream.briefly()).endsWith("received 1", "received 2");
    }

    @Test
    void aFullLogHasRoomAgainWhoeverFindsTheListenerReadyFirst() {
      SessionHarness small = new SessionHarness(TestLimits.log(3, 512 * 1024));
      RecordingStream stream = small.openSubscribed();
      stream.ready = false;
      sendNumbers(small, 1, 3);
      assertThat(small.cable().demanded).isFalse();
      stream.ready = true;
      small.pass(Duration.ofSeconds(11));
      assertThat(stream.briefly()).endsWith("received 3");
      assertThat(small.cable().demanded).isTrue();
    }

    @Test
    void aSessionThatEndedForGoodIsForgottenJustAsSomebodyComesToHearItsEnd() {
      RecordingStream first = scene.openSubscribed();
      String seen = first.lastId();
      first.leaves();
      scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
      List<RecordingStream> late = new ArrayList<>();
      scene.timers.advance(Duration.ofSeconds(29));
      late.add(scene.listen(seen));
      scene.pass(Duration.ofSeconds(2));
      late.add(scene.listen(seen));
      assertThat(late.get(0).briefly()).endsWith("disconnected remote", "closed remote");
      assertThat(late.get(1).refusal.status()).isEqualTo(204);
    }
  }

  @Nested
  class DrainAgainstTheLastEvent {
    /** On a thread of its own, as the request once went round in circles. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aRequestToAnEndedSessionWhoseStreamIsStuckLearnsTheEnd() {
      RecordingStream stuck = scene.openSubscribed();
      stuck.ready = false;
      scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
      scene.manager.drain(done -> {});
      scene.timers.advance(Duration.ZERO);
      RecordingStream late = scene.listen();
      scene.pool.runAll();
      assertThat(late.refusal.status()).isEqualTo(204);
      stuck.becomesReady();
      assertThat(stuck.briefly()).endsWith("disconnected remote", "closed remote");
    }
  }

  @Nested
  class PollAgainstTimeout {
    @Test
    void anEventComesJustBeforeThePollsTimeIsUp() {
      scene.openSubscribed();
      RecordingPoll poll = scene.poll(32, Duration.ofSeconds(5), null);
      scene.whileSomebodyIsInside(
          () -> {
            scene.cable().sends(CHAT, "1");
            scene.timers.advance(Duration.ofSeconds(5));
          });
      assertThat(poll.briefly()).containsExactly("received 1");
    }

    @Test
    void anEventComesJustAfterThePollsTimeIsUp() {
      scene.openSubscribed();
      RecordingPoll poll = scene.poll(32, Duration.ofSeconds(5), null);
      scene.whileSomebodyIsInside(
          () -> {
            scene.timers.advance(Duration.ofSeconds(5));
            scene.cable().sends(CHAT, "1");
          });
      assertThat(poll.briefly()).isEmpty();
      assertThat(scene.poll().briefly()).containsExactly("received 1");
    }

    @Test
    void aPollGoesAwayJustBeforeItsEventComes() {
      scene.openSubscribed();
      RecordingPoll poll = scene.poll();
      scene.whileSomebodyIsInside(
          () -> {
            poll.attachment.gone();
            scene.cable().sends(CHAT, "1");
          });
      assertThat(poll.answer).isNull();
      assertThat(scene.poll().briefly()).containsExactly("received 1");
    }

    @Test
    void aPollGoesAwayJustAfterItsEventCame() {
      scene.openSubscribed();
      RecordingPoll first = scene.poll(32, Duration.ZERO, "0");
      RecordingPoll poll = scene.poll(32, Duration.ofSeconds(25), first.lastId());
      scene.whileSomebodyIsInside(
          () -> {
            scene.cable().sends(CHAT, "1");
            poll.attachment.gone();
          });
      assertThat(poll.briefly()).containsExactly("received 1");
      assertThat(scene.poll(32, Duration.ZERO, first.lastId()).briefly())
          .containsExactly("received 1");
    }

    @Test
    void aPollThatIsAnsweredAtOnceStartsTheLingerAnew() {
      scene.openSubscribed();
      scene.poll(32, Duration.ZERO, null);
      for (int i = 1; i <= 20; i++) {
        scene.pass(Duration.ofSeconds(5));
        scene.cable().sends(CHAT, "" + i);
        assertThat(scene.poll().briefly()).containsExactly("received " + i);
      }
      scene.pass(Duration.ofSeconds(29));
      assertThat(scene.manager.size()).isOne();
      scene.pass(Duration.ofSeconds(2));
      assertThat(scene.manager.size()).isZero();
    }
  }

  @Nested
  class CompleteAgainstWrite {
    @Test
    void anEventThatComesWhileTheStreamIsFinishedIsNotWritten() {
      Interrupted stream = new Interrupted();
      scene.manager.listen(sessionRequest(null), 0, stream);
      scene.cable().welcomes();
      scene.command(subscribe());
      scene.cable().confirms(CHAT);
      scene.settle();
      RecordingStream[] newcomer = new RecordingStream[1];
      stream.whileFinished = () -> scene.cable().sends(CHAT, "1");
      newcomer[0] = scene.listen(stream.record.lastId());
      scene.settle();
      assertThat(stream.record.briefly()).endsWith("closed replaced");
      assertThat(newcomer[0].briefly()).containsExactly("joined true", "received 1");
    }

    @Test
    void aFinishedStreamThatIsSaidToBeReadyIsLeftAlone() {
      RecordingStream stream = scene.openSubscribed();
      scene.whileSomebodyIsInside(
          () -> {
            scene.end(ALICE, null);
            stream.becomesReady();
            stream.leaves();
          });
      assertThat(stream.briefly()).endsWith("closed ended");
      assertThat(stream.finished).isTrue();
      assertThat(stream.aborted).isFalse();
    }

    @Test
    void anEventComesJustBeforeTheFarewellAndIsWrittenBeforeTheEnd() {
      RecordingStream stream = scene.openSubscribed();
      scene.whileSomebodyIsInside(
          () -> {
            scene.cable().sends(CHAT, "1");
            scene.end(ALICE, null);
          });
      assertThat(stream.briefly()).endsWith("received 1", "closed ended");
    }

    @Test
    void aFlushThatWasScheduledFindsTheStreamGone() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().sends(CHAT, "1");
      scene.cable().sends(CHAT, "2");
      String seen = stream.lastId();
      assertThat(scene.pool.waiting()).as("the second waits for a flush").isOne();
      stream.leaves();
      scene.settle();
      assertThat(stream.lastId()).isEqualTo(seen);
      assertThat(scene.listen(seen).briefly()).containsExactly("joined true", "received 2");
    }

    @Test
    void aFlushThatWasScheduledFindsAnotherStreamWhichHasItAllAlready() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().sends(CHAT, "1");
      scene.cable().sends(CHAT, "2");
      RecordingStream newcomer = scene.listen(stream.lastId());
      scene.settle();
      sendNumbers(scene, 3, 3);
      assertThat(newcomer.briefly()).containsExactly("joined true", "received 2", "received 3");
    }

    @Test
    void aStreamThatIsGoneBeforeItWasAcceptedHoldsNothing() {
      Interrupted stream = new Interrupted();
      stream.whileAccepted =
          () -> {
            stream.record.ready = false;
            stream.record.leaves();
          };
      scene.manager.listen(sessionRequest(null), 0, stream);
      scene.cable().welcomes();
      assertThat(stream.record.text()).isEmpty();
      scene.pass(Duration.ofSeconds(31));
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void aPollThatIsGoneBeforeItWasAcceptedTakesNothing() {
      scene.openSubscribed();
      scene.cable().sends(CHAT, "1");
      scene.settle();
      boolean[] answered = new boolean[1];
      scene.manager.poll(
          sessionRequest(null),
          32,
          Duration.ofSeconds(25),
          new Listener.Poll() {
            @Override
            public void accepted(Acceptance acceptance, Attachment attachment) {
              attachment.gone();
            }

            @Override
            public boolean reserve(PollAnswer answer) {
              return true;
            }

            @Override
            public void answer(PollAnswer answer) {
              answered[0] = true;
            }

            @Override
            public void refused(Refusal refusal) {
              throw new AssertionError(refusal);
            }
          });
      sendNumbers(scene, 2, 2);
      assertThat(answered[0]).isFalse();
      assertThat(scene.poll().briefly()).containsExactly("received 2");
    }
  }

  @Nested
  class ConfirmAgainstUnsubscribe {
    @Test
    void theConfirmationComesJustBeforeTheUnsubscribe() {
      RecordingStream stream = scene.open();
      scene.command(subscribe());
      RecordingReply[] reply = new RecordingReply[1];
      scene.whileSomebodyIsInside(
          () -> {
            scene.cable().confirms(CHAT);
            reply[0] = scene.command(unsubscribe());
          });
      assertThat(reply[0].outcomes()).containsExactly("ok");
      assertThat(scene.cable().sent).hasSize(2);
      assertThat(stream.briefly()).endsWith("connected");
    }

    @Test
    void theConfirmationComesJustAfterTheUnsubscribe() {
      RecordingStream stream = scene.open();
      scene.command(subscribe());
      RecordingReply[] reply = new RecordingReply[1];
      scene.whileSomebodyIsInside(
          () -> {
            reply[0] = scene.command(unsubscribe());
            scene.cable().confirms(CHAT);
          });
      assertThat(reply[0].outcomes()).containsExactly("ok");
      assertThat(scene.cable().sent).hasSize(2);
      assertThat(stream.briefly()).endsWith("connected");
      sendNumbers(scene, 1, 1);
      assertThat(stream.briefly()).as("it isn't subscribed any more").endsWith("connected");
    }

    @Test
    void aConfirmationThatComesTwiceDoesNotReviveWhatWasUnsubscribed() {
      RecordingStream stream = scene.openSubscribed();
      scene.command(unsubscribe());
      scene.cable().confirms(CHAT);
      scene.settle();
      assertThat(stream.briefly()).containsExactly("joined false", "connected");
      assertThat(scene.command(send("{}")).outcomes()).containsExactly("not subscribed");
    }

    @Test
    void anUnsubscribeThatWasToldItsTimeIsUpIsNotCarriedOutByALateConfirmation() {
      SessionHarness small = new SessionHarness(TestLimits.log(1, 512 * 1024));
      RecordingStream stream = small.openSubscribed();
      stream.ready = false;
      RecordingReply[] replies = new RecordingReply[2];
      replies[0] = small.command(new Command.Subscribe(NEWS), new Command.Unsubscribe(NEWS));
      small.cable().sends(CHAT, "1");
      small.pass(Duration.ofSeconds(12));
      assertThat(replies[0].outcomes()).containsExactly("ok", "not confirmed within 10 s");
      stream.becomesReady();
      int before = small.cable().sent.size();
      small.cable().confirms(NEWS);
      assertThat(small.cable().sent).hasSize(before);
      replies[1] = small.command(new Command.Send(NEWS, "{}"));
      assertThat(replies[1].outcomes()).containsExactly("ok");
    }

    @Test
    void theSubscriptionIsGivenUpJustAsItsConfirmationComes() {
      RecordingStream stream = scene.open();
      RecordingReply reply = scene.command(subscribe(), send("{}"));
      scene.pass(Duration.ofMillis(9_900));
      scene.whileSomebodyIsInside(
          () -> {
            scene.cable().confirms(CHAT);
            scene.timers.advance(Duration.ofSeconds(1));
          });
      scene.settle();
      assertThat(stream.briefly()).containsExactly("joined false", "connected");
      assertThat(reply.outcomes()).containsExactly("ok", "ok");
      assertThat(scene.cable().sent.get(scene.cable().sent.size() - 1)).contains("message");
    }

    @Test
    void theCableIsLostJustBeforeTheConfirmationIsHeard() {
      RecordingStream stream = scene.open();
      RecordingReply reply = scene.command(subscribe(), send("{}"));
      scene.cable().breaks("lost");
      scene.cable().welcomes();
      scene.cable().confirms(CHAT);
      scene.settle();
      assertThat(reply.outcomes()).containsExactly("ok", "the cable is down, reconnecting");
      assertThat(stream.briefly()).endsWith("disconnected lost", "connected again");
      assertThat(scene.cable().sent).noneMatch(frame -> frame.contains("\"message\""));
    }
  }

  @Nested
  class DialAgainstTheEnd {
    @Test
    void theWelcomeComesJustAfterTheFarewell() {
      RecordingStream stream = scene.listen();
      RecordingReply reply = scene.end(ALICE, null);
      scene.cable().welcomes();
      assertThat(reply.refusal.status()).isEqualTo(204);
      assertThat(stream.refusal.status()).isEqualTo(410);
      assertThat(stream.acceptance).isNull();
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void theWelcomeComesJustBeforeTheFarewell() {
      Interrupted stream = new Interrupted();
      stream.whileAccepted = () -> scene.end(ALICE, null);
      scene.manager.listen(sessionRequest(null), 0, stream);
      scene.cable().welcomes();
      assertThat(stream.record.briefly()).containsExactly("joined false", "closed ended");
      assertThat(scene.cable().closeCode).isEqualTo(1000);
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void whoeverComesJustAfterTheFarewellGetsASessionOfItsOwn() {
      RecordingStream first = scene.openSubscribed();
      RecordingStream[] second = new RecordingStream[1];
      scene.whileSomebodyIsInside(
          () -> {
            scene.end(ALICE, null);
            second[0] = scene.listen();
          });
      scene.cable().welcomes();
      assertThat(second[0].acceptance.sessionId()).isNotEqualTo(first.acceptance.sessionId());
      assertThat(second[0].briefly()).containsExactly("joined false");
    }

    @Test
    void theDrainComesDuringTheDialAndThenTheWelcome() {
      RecordingStream stream = scene.listen();
      DrainReport[] report = new DrainReport[1];
      scene.manager.drain(done -> report[0] = done);
      scene.timers.advance(Duration.ZERO);
      scene.cable().welcomes();
      scene.pass(Duration.ofMillis(200));
      assertThat(stream.postponed).matches("retry: \\d+\n\n");
      assertThat(stream.acceptance).isNull();
      assertThat(scene.cable().closeCode).isEqualTo(1001);
      assertThat(report[0].sessions()).isOne();
    }

    @Test
    void theDrainComesWhileALostCableIsDialledAgain() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().breaks("lost");
      scene.manager.drain(done -> {});
      scene.pass(Duration.ofMillis(200));
      scene.cable().welcomes();
      assertThat(scene.cable().sent).hasSize(1);
      assertThat(scene.cable().closeCode).isEqualTo(1001);
      assertThat(stream.briefly()).endsWith("disconnected lost");
      assertThat(stream.finished).isTrue();
    }

    @Test
    void aSessionThatIsBeingOpenedAsTheDrainBeginsIsNotLeftBehind() {
      DrainReport[] report = new DrainReport[1];
      scene.dialerAsked =
          () -> {
            scene.manager.drain(done -> report[0] = done);
            scene.pass(Duration.ofMillis(50));
          };
      RecordingStream stream = scene.listen();
      scene.pass(Duration.ofMillis(200));
      assertThat(stream.postponed).matches("retry: \\d+\n\n");
      assertThat(scene.manager.size()).isZero();
      assertThat(report[0].aborted()).isZero();
    }

    @Test
    void aSessionThatIsBeingOpenedAsTheBridgeStopsIsNotLeftBehind() {
      scene.dialerAsked = scene.manager::close;
      RecordingStream stream = scene.listen();
      scene.pool.runAll();
      assertThat(stream.postponed).matches("retry: \\d+\n\n");
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void aDialThatFailedLeavesNothingThatADrainWouldWaitFor() {
      for (int i = 0; i < 3; i++) {
        scene.listen();
        scene.cable().ends(CableEnding.Kind.UNAUTHORIZED, "unauthorized");
      }
      DrainReport report = drained(scene);
      assertThat(report.aborted()).isZero();
      assertThat(report.milliseconds()).isLessThan(1_000);
    }
  }

  @Nested
  class ARequestAgainstASessionThatCanNotServeIt {
    @Test
    void aDialThatIsTurnedAwayAtOnceIsToldToWhoeverOpens() {
      scene.dialsFailAtOnce = CableEnding.Kind.BUSY;
      RecordingStream stream = scene.listen();
      RecordingPoll poll = scene.poll();
      RecordingReply reply = scene.command(ALICE, null, true, subscribe());
      scene.pool.runAll();
      assertThat(stream.acceptance).isNull();
      assertThat(stream.refusal.status()).isEqualTo(503);
      assertThat(stream.refusal.retryAfterSeconds()).isPositive();
      assertThat(poll.refusal.status()).isEqualTo(503);
      assertThat(reply.refusal.status()).isEqualTo(503);
      assertThat(scene.manager.size()).isZero();
      assertThat(drained(scene).aborted()).isZero();
    }

    @Test
    void aTunnelWhoseDialIsTurnedAwayAtOnceIsOpenedAndClosed() {
      scene.dialsFailAtOnce = CableEnding.Kind.BUSY;
      RecordingStream stream = scene.listen(new SessionRequest(ID, ALICE, Mode.TUNNEL, "0"), 0);
      assertThat(stream.briefly()).containsExactly("opened", "close");
      assertThat(stream.finished).isTrue();
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void whoComesWhileAnotherIsTurnedAwayOpensASessionOfItsOwn() {
      RecordingStream[] turnedAway = new RecordingStream[1];
      scene.dialerAsked =
          () -> {
            scene.dialsFailAtOnce = CableEnding.Kind.BUSY;
            turnedAway[0] = scene.listen();
            scene.dialsFailAtOnce = null;
          };
      RecordingStream stream = scene.listen();
      scene.cable().welcomes();
      assertThat(turnedAway[0].refusal.status()).isEqualTo(503);
      assertThat(stream.briefly()).containsExactly("joined false");
      assertThat(scene.command(subscribe()).outcomes()).containsExactly("ok");
    }

    @Test
    void anOperatorClosesTheSessionThatARequestHasJustFound() {
      RecordingStream first = scene.openSubscribed();
      String hash = hash();
      RecordingStream[] second = new RecordingStream[1];
      scene.whileSomebodyIsInside(
          () -> {
            scene.manager.end(hash);
            second[0] = scene.listen();
          });
      scene.cable().welcomes();
      assertThat(first.briefly()).endsWith("closed ended");
      assertThat(second[0].briefly()).containsExactly("joined false");
      assertThat(scene.command(subscribe()).outcomes()).containsExactly("ok");
    }

    @Test
    void theDrainIsQuickerThanThoseWhoHaveFoundTheSession() {
      scene.openSubscribed();
      List<RecordingStream> late = new ArrayList<>();
      RecordingReply[] post = new RecordingReply[1];
      scene.whileSomebodyIsInside(
          () -> {
            scene.manager.drain(done -> {});
            scene.timers.advance(Duration.ZERO);
            late.add(scene.listen());
            post[0] = scene.command(subscribe());
          });
      scene.pool.runAll();
      assertThat(late.get(0).acceptance).isNull();
      assertThat(late.get(0).postponed).matches("retry: \\d+\n\n");
      assertThat(post[0].results).as("was sent by who hadn't heard of it").hasSize(1);
    }

    @Test
    void theBridgeStopsWhileSomebodyHasFoundTheSession() {
      scene.openSubscribed();
      RecordingStream[] late = new RecordingStream[1];
      scene.whileSomebodyIsInside(
          () -> {
            scene.manager.close();
            late[0] = scene.listen();
          });
      scene.pool.runAll();
      assertThat(late[0].postponed).matches("retry: \\d+\n\n");
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void theSessionIsOverInTheMiddleOfThoseWhoWaitedForItsDial() {
      Interrupted first = new Interrupted();
      scene.manager.listen(sessionRequest(null), 0, first);
      RecordingStream second = scene.listen();
      first.whileAccepted = () -> scene.end(ALICE, null);
      scene.cable().welcomes();
      scene.pool.runAll();
      assertThat(second.briefly()).endsWith("closed ended");
      assertThat(second.finished).isTrue();
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void aFarewellAfterTheEndEndsNothingTwice() {
      scene.openSubscribed();
      String hash = hash();
      scene.whileSomebodyIsInside(
          () -> {
            scene.end(ALICE, null);
            scene.end(ALICE, null);
            scene.manager.end(hash);
          });
      assertThat(scene.observer.heard("ended")).containsExactly("ended: CLIENT");
      assertThat(scene.observer.heard("opened")).hasSize(1);
    }

    @Test
    void aReplacedStreamThatTakesNothingIsStillKnownWhenItsSessionIsOver() {
      RecordingStream stuck = scene.openSubscribed();
      stuck.ready = false;
      scene.listen();
      scene.end(ALICE, null);
      scene.manager.close();
      assertThat(stuck.aborted).isTrue();
    }

    private String hash() {
      List<SessionSnapshot> seen = new ArrayList<>();
      scene.manager.survey(1, Duration.ofSeconds(1), seen::addAll);
      scene.pool.runAll();
      return seen.get(0).session();
    }
  }

  @Nested
  class TunnelAgainstItsEnd {
    private final SessionRequest fresh = new SessionRequest(ID, ALICE, Mode.TUNNEL, "0");
    private final SessionRequest lost = new SessionRequest(ID, ALICE, Mode.TUNNEL, null);

    @Test
    void aJoinWithoutACursorEndsATunnelWhoseOldStreamIsStuck() {
      RecordingStream old = scene.listen(fresh, 0);
      scene.cable().welcomes();
      old.ready = false;
      scene.cable().sendsFrame("1");
      RecordingStream joining = scene.listen(lost, 0);
      assertThat(joining.briefly()).containsExactly("opened", "close");
      assertThat(joining.finished).isTrue();
      old.becomesReady();
      assertThat(old.briefly()).endsWith("close");
      assertThat(old.finished).isTrue();
      scene.pass(Duration.ofSeconds(31));
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void aJoinThatEndsTheTunnelFailsThePostThatIsHeld() {
      scene.listen(fresh, 0);
      RecordingReply reply = new RecordingReply();
      scene.manager.command(
          new SessionRequest(ID, ALICE, Mode.TUNNEL, null),
          new CommandBatch(List.of(new Command.Frame("x")), null, null),
          false,
          reply);
      scene.listen(lost, 0);
      assertThat(reply.outcomes()).containsExactly("the tunnel is closed");
      scene.cable().welcomes();
      assertThat(scene.cable().sent).isEmpty();
    }

    @Test
    void aTunnelsPollIsDrainedByAnEventOfATunnel() {
      RecordingPoll opening = new RecordingPoll();
      scene.manager.poll(fresh, 32, Duration.ofSeconds(25), opening);
      assertThat(opening.briefly()).containsExactly("opened");
      scene.cable().welcomes();
      RecordingPoll poll = new RecordingPoll();
      scene.manager.poll(
          new SessionRequest(ID, ALICE, Mode.TUNNEL, opening.lastId()),
          32,
          Duration.ofSeconds(25),
          poll);
      drained(scene);
      assertThat(poll.briefly()).containsExactly("close");
    }
  }

  private static DrainReport drained(SessionHarness where) {
    DrainReport[] report = new DrainReport[1];
    where.manager.drain(done -> report[0] = done);
    where.pass(Duration.ofSeconds(6));
    return report[0];
  }
}
