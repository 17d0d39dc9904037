package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static cablestream.session.SessionHarness.CHAT;
import static cablestream.session.SessionHarness.ID;
import static cablestream.session.SessionHarness.NEWS;
import static cablestream.session.SessionHarness.caller;
import static cablestream.session.SessionHarness.send;
import static cablestream.session.SessionHarness.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Caller;
import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.CableEnding;
import cablestream.environment.SessionWeights;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.support.NoFaults;
import cablestream.support.RecordedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Resuming without loss; protocol sections 4, 6 and 7. */
class ResumeTest {
  private final SessionHarness scene = new SessionHarness();

  private void sendNumbers(SessionHarness where, int from, int to) {
    for (int i = from; i <= to; i++) {
      where.cable().sends(CHAT, "" + i);
    }
    where.settle();
  }

  @Nested
  class Cursors {
    @Test
    void aListenerThatComesBackGetsExactlyWhatItMissed() {
      RecordingStream first = scene.openSubscribed();
      sendNumbers(scene, 1, 3);
      String seen = first.events().get(2).id();
      RecordingStream back = scene.listen(seen);
      sendNumbers(scene, 4, 4);
      assertThat(back.briefly())
          .containsExactly("joined true", "received 2", "received 3", "received 4");
    }

    @Test
    void zeroMeansFromTheBeginning() {
      RecordingStream first = scene.openSubscribed();
      sendNumbers(scene, 1, 1);
      first.leaves();
      assertThat(scene.listen("0").briefly())
          .containsExactly("joined true", "connected", "received 1");
    }

    @Test
    void zeroOnTheFirstStreamIsNoResume() {
      RecordingStream stream = scene.listen("0");
      scene.cable().welcomes();
      assertThat(stream.briefly()).containsExactly("joined false");
    }

    @Test
    void aStreamThatBreaksBeforeItsFirstMessageCanBeResumed() {
      RecordingStream first = scene.open();
      String joined = first.lastId();
      first.leaves();
      scene.command(subscribe());
      scene.cable().confirms(CHAT);
      assertThat(scene.listen(joined).briefly()).containsExactly("joined true", "connected");
    }

    @Test
    void withoutACursorAListenerContinuesAfterWhatWasWritten() {
      RecordingStream first = scene.openSubscribed();
      sendNumbers(scene, 1, 2);
      first.leaves();
      sendNumbers(scene, 3, 3);
      assertThat(scene.listen().briefly()).containsExactly("joined false", "received 3");
    }

    @Test
    void withoutACursorAListenerContinuesAfterTheLastEventWhoseWriteCompleted() {
      RecordingStream first = scene.openSubscribed();
      sendNumbers(scene, 1, 1);
      first.breaksOff = true;
      sendNumbers(scene, 2, 2);
      first.leaves();
      sendNumbers(scene, 3, 3);
      assertThat(scene.listen().briefly())
          .containsExactly("joined false", "received 2", "received 3");
    }

    @Test
    void whatATakenOverStreamHasntWrittenIsWrittenToItsSuccessor() {
      RecordingStream first = scene.openSubscribed();
      first.breaksOff = true;
      sendNumbers(scene, 1, 1);
      assertThat(scene.listen().briefly()).containsExactly("joined false", "received 1");
    }

    @Test
    void aHeartbeatThatBreaksOffDoesNotUndoTheEventsBeforeIt() {
      RecordingStream first = scene.openSubscribed();
      sendNumbers(scene, 1, 1);
      scene.pass(Duration.ofSeconds(15));
      first.breaksOff = true;
      scene.pass(Duration.ofSeconds(1));
      first.leaves();
      assertThat(scene.listen().briefly()).containsExactly("joined false");
    }

    @Test
    void anOldCursorGetsAGapWithItsSizeAndWhatIsLeft() {
      SessionHarness small = new SessionHarness(TestLimits.log(3, 512 * 1024));
      RecordingStream first = small.openSubscribed();
      String joined = first.events().get(0).id();
      for (int i = 1; i <= 6; i++) {
        sendNumbers(small, i, i);
      }
      RecordingStream back = small.listen(joined);
      assertThat(back.briefly())
          .containsExactly("joined false", "gap 4", "received 4", "received 5", "received 6");
      String session = first.acceptance.sessionId();
      assertThat(back.events().get(0).id()).isEqualTo(joined);
      assertThat(back.events().get(1).id()).isEqualTo(session + "-4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"another-3", "rubbish", "-1", "x--1", "%s-99", "%s-", "0x", "%s-1e3"})
    void anyOtherCursorGetsAGapOfUnknownSizeAndWhatThereIs(String cursor) {
      RecordingStream first = scene.openSubscribed();
      sendNumbers(scene, 1, 1);
      RecordingStream back = scene.listen(cursor.formatted(first.acceptance.sessionId()));
      assertThat(back.briefly())
          .containsExactly("joined false", "gap null", "connected", "received 1");
    }

    @Test
    void aCursorOfALostSessionGetsItsSessionAnewWithAGap() {
      RecordingStream stream = scene.listen("before-the-restart-7");
      scene.cable().welcomes();
      assertThat(stream.briefly()).containsExactly("joined false", "gap null");
    }

    @Test
    void aGapOfALostFrameIsReplayedLikeAnyEvent() {
      RecordingStream first = scene.openSubscribed();
      String connected = first.lastId();
      scene.cable().sendsRubbish();
      sendNumbers(scene, 2, 2);
      RecordingStream back = scene.listen(connected);
      assertThat(back.briefly()).containsExactly("joined true", "gap 1", "received 2");
      String gap = back.events().get(1).id();
      assertThat(scene.listen(gap).briefly()).containsExactly("joined true", "received 2");
    }
  }

  @Nested
  class TakeOver {
    @Test
    void theNewestTakesOverAndTheOldIsToldToStop() {
      RecordingStream first = scene.openSubscribed();
      RecordingStream second = scene.listen(first.lastId());
      sendNumbers(scene, 1, 1);
      assertThat(first.briefly()).endsWith("closed replaced");
      assertThat(first.lastId()).endsWith("-end");
      assertThat(first.finished).isTrue();
      assertThat(second.briefly()).endsWith("received 1");
      assertThat(scene.listen(first.lastId()).refusal.status()).isEqualTo(204);
    }

    @Test
    void aDeadOldStreamHoldsNobodyUpAndIsCut() {
      RecordingStream first = scene.openSubscribed();
      first.ready = false;
      sendNumbers(scene, 1, 2);
      RecordingStream second = scene.listen(first.lastId());
      assertThat(second.briefly()).containsExactly("joined true", "received 1", "received 2");
      scene.pass(Duration.ofSeconds(12));
      assertThat(first.aborted).isTrue();
      second.leaves();
      scene.pass(Duration.ofSeconds(31));
      assertThat(scene.manager.size()).isZero();
    }

    @Test
    void theDeathOfAReplacedStreamDoesNotEndTheSession() {
      RecordingStream first = scene.openSubscribed();
      first.ready = false;
      RecordingStream second = scene.listen();
      first.leaves();
      scene.pass(Duration.ofSeconds(60));
      sendNumbers(scene, 1, 1);
      assertThat(second.briefly()).endsWith("received 1");
    }

    @Test
    void takeOverAgainstAWriteFailureOfTheOldLosesNothing() {
      RecordingStream first = scene.openSubscribed();
      sendNumbers(scene, 1, 1);
      String seen = first.events().get(1).id();
      RecordingStream second = scene.listen(seen);
      first.leaves();
      sendNumbers(scene, 2, 2);
      assertThat(second.briefly()).containsExactly("joined true", "received 1", "received 2");
    }

    @Test
    void aPollTakesOverFromAStreamAndBack() {
      RecordingStream first = scene.openSubscribed();
      RecordingPoll poll = scene.poll();
      assertThat(first.briefly()).endsWith("closed replaced");
      RecordingStream second = scene.listen();
      assertThat(poll.answer.events()).isEmpty();
      sendNumbers(scene, 1, 1);
      assertThat(second.briefly()).containsExactly("joined false", "received 1");
    }
  }

  @Nested
  class ManyListeners {
    private final SessionHarness many = new SessionHarness(TestLimits.manyListeners());

    @Test
    void allGetEveryEventAndLearnOfNewcomers() {
      RecordingStream first = many.openSubscribed();
      RecordingStream second = many.listen();
      sendNumbers(many, 1, 1);
      assertThat(first.briefly())
          .containsExactly("joined false", "connected", "joined", "received 1");
      assertThat(second.briefly()).containsExactly("joined false", "received 1");
      assertThat(first.events().get(2).json().getString("msg_id"))
          .isEqualTo(first.events().get(1).id());
    }

    @Test
    void newcomersAreToldOnceToWhoeverIsNotReady() {
      RecordingStream first = many.openSubscribed();
      first.ready = false;
      many.listen();
      many.listen();
      many.listen();
      first.becomesReady();
      assertThat(first.briefly()).containsExactly("joined false", "connected", "joined");
    }

    @Test
    void theSlowestPausesTheCableAndIsCutWhileAnotherIsAhead() {
      SessionHarness small = new SessionHarness(TestLimits.manyListeners(3));
      RecordingStream slow = small.openSubscribed();
      RecordingStream fast = small.listen();
      slow.ready = false;
      sendNumbers(small, 1, 3);
      assertThat(small.cable().demanded).isFalse();
      small.pass(Duration.ofSeconds(11));
      assertThat(slow.aborted).isTrue();
      assertThat(small.cable().demanded).isTrue();
      assertThat(small.listen(slow.lastId()).briefly())
          .containsExactly("joined true", "received 1", "received 2", "received 3");
      sendNumbers(small, 4, 4);
      assertThat(fast.briefly()).endsWith("received 3", "joined", "received 4");
    }

    @Test
    void aPollBesideStreamsIsToldWhatItMissed() {
      SessionHarness small = new SessionHarness(TestLimits.manyListeners(3));
      small.openSubscribed();
      small.poll(32, Duration.ZERO, "0");
      for (int i = 1; i <= 6; i++) {
        sendNumbers(small, i, i);
      }
      RecordingPoll late = small.poll();
      assertThat(late.answer.dropped()).isEqualTo(3);
      assertThat(late.briefly()).containsExactly("gap 3", "received 4", "received 5", "received 6");
      assertThat(small.poll(32, Duration.ZERO, null).answer.events()).isEmpty();
    }
  }

  @Nested
  class Backpressure {
    @Test
    void aFullBacklogPausesTheCableAndNothingIsLost() {
      SessionHarness small = new SessionHarness(TestLimits.log(3, 512 * 1024));
      RecordingStream stream = small.openSubscribed();
      stream.ready = false;
      sendNumbers(small, 1, 3);
      assertThat(small.cable().demanded).isFalse();
      stream.becomesReady();
      assertThat(small.cable().demanded).isTrue();
      sendNumbers(small, 4, 4);
      assertThat(stream.briefly()).endsWith("received 1", "received 2", "received 3", "received 4");
    }

    @Test
    void theBacklogIsAlsoBoundedInBytes() {
      SessionHarness small = new SessionHarness(TestLimits.log(1_000, 10_000));
      RecordingStream stream = small.openSubscribed();
      stream.ready = false;
      small.cable().sends(CHAT, "\"" + "x".repeat(20_000) + "\"");
      small.settle();
      assertThat(small.cable().demanded).isFalse();
      stream.becomesReady();
      assertThat(small.cable().demanded).isTrue();
    }

    @Test
    void duringTheLingerTheBacklogFillsAndPauses() {
      SessionHarness small = new SessionHarness(TestLimits.log(3, 512 * 1024));
      RecordingStream stream = small.openSubscribed();
      stream.leaves();
      sendNumbers(small, 1, 3);
      assertThat(small.cable().demanded).isFalse();
      assertThat(small.listen(stream.lastId()).briefly())
          .containsExactly("joined true", "received 1", "received 2", "received 3");
      assertThat(small.cable().demanded).isTrue();
    }

    @Test
    void aSoleListenerMayBeGivenLessTimeThanOneThatHoldsUpOthers() {
      SessionHarness strict =
          new SessionHarness(TestLimits.stalls(Duration.ofSeconds(10), Duration.ofSeconds(5)));
      RecordingStream stream = strict.openSubscribed();
      stream.ready = false;
      strict.cable().sends(CHAT, "1");
      strict.settle();
      strict.pass(Duration.ofSeconds(4));
      assertThat(stream.aborted).isFalse();
      strict.pass(Duration.ofSeconds(2));
      assertThat(stream.aborted).isTrue();
    }

    @Test
    void aSoleStalledListenerIsCutAfterTwentyFiveSecondsAndCanResume() {
      RecordingStream stream = scene.openSubscribed();
      stream.ready = false;
      sendNumbers(scene, 1, 1);
      scene.pass(Duration.ofSeconds(24));
      assertThat(stream.aborted).isFalse();
      scene.pass(Duration.ofSeconds(3));
      assertThat(stream.aborted).isTrue();
      assertThat(scene.listen(stream.lastId()).briefly())
          .containsExactly("joined true", "received 1");
    }

    @Test
    void progressHoweverSlowIsNoStall() {
      RecordingStream stream = scene.openSubscribed();
      for (int i = 0; i < 20; i++) {
        stream.ready = false;
        sendNumbers(scene, i, i);
        scene.pass(Duration.ofSeconds(9));
        stream.becomesReady();
      }
      assertThat(stream.aborted).isFalse();
    }

    @Test
    void overTheBudgetHistoryGoesFirstAndThenThoseWithABacklogPause() {
      SessionHarness poor = new SessionHarness(TestLimits.budget(2_000));
      RecordingStream stream = poor.openSubscribed();
      for (int i = 1; i <= 50; i++) {
        sendNumbers(poor, i, i);
      }
      assertThat(stream.briefly()).endsWith("received 50");
      assertThat(poor.manager.logBytes()).isLessThanOrEqualTo(2_000);
      stream.ready = false;
      for (int i = 0; i < 20 && poor.cable().demanded; i++) {
        sendNumbers(poor, i, i);
      }
      assertThat(poor.cable().demanded).isFalse();
      assertThat(poor.manager.logBytes()).isLessThan(3_000);
      stream.becomesReady();
      assertThat(poor.cable().demanded).isTrue();
    }

    @Test
    void aPausedSessionIsReviewedWhenOthersGiveMemoryBack() {
      SessionHarness poor = new SessionHarness(TestLimits.budget(2_000));
      RecordingStream hog = poor.openSubscribed();
      hog.ready = false;
      FakeCable hogsCable = poor.cable();
      for (int i = 0; i < 20 && hogsCable.demanded; i++) {
        sendNumbers(poor, i, i);
      }
      RecordingStream other =
          poor.listen(new SessionRequest("another-id-of-16-c", ALICE, Mode.CHANNELS, null), 0);
      FakeCable othersCable = poor.cable();
      othersCable.welcomes();
      assertThat(othersCable.demanded).as("a session that reads isn't stopped").isTrue();
      other.ready = false;
      RecordingReply reply = new RecordingReply();
      poor.manager.command(
          new SessionRequest("another-id-of-16-c", ALICE, Mode.CHANNELS, null),
          new CommandBatch(List.of(subscribe()), null, null),
          false,
          reply);
      othersCable.confirms(CHAT);
      assertThat(othersCable.demanded).isFalse();
      poor.end(ALICE, null);
      hog.leaves();
      poor.pass(Duration.ofSeconds(2));
      assertThat(othersCable.demanded).isTrue();
    }
  }

  @Nested
  class Polls {
    @Test
    void aPollThatOpensTheSessionSaysSo() {
      RecordingPoll poll = scene.poll();
      scene.cable().welcomes();
      assertThat(poll.briefly()).containsExactly("joined false");
      assertThat(poll.answer.dropped()).isZero();
      assertThat(poll.answer.channels()).isEmpty();
    }

    @Test
    void aPollWithoutMemoryForAllIsAnsweredWithLessAndLosesNothing() {
      scene.openSubscribed().leaves();
      sendNumbers(scene, 1, 8);

      RecordingPoll some = scene.pollWithRoomFor(3);
      assertThat(some.briefly()).containsExactly("received 1", "received 2");
      assertThat(some.answer.queueLength()).isEqualTo(6);
      RecordingPoll none = scene.pollWithRoomFor(0);
      assertThat(none.answer.events()).isEmpty();
      assertThat(none.answer.queueLength()).isEqualTo(6);

      assertThat(scene.poll().briefly()).hasSize(6).startsWith("received 3").endsWith("received 8");
    }

    @Test
    void aPollAnswersAsSoonAsThereIsAnEvent() {
      scene.openSubscribed();
      RecordingPoll poll = scene.poll();
      assertThat(poll.answer).isNull();
      sendNumbers(scene, 1, 1);
      assertThat(poll.briefly()).containsExactly("received 1");
      assertThat(poll.answer.channels()).containsExactly("c0c0");
    }

    @Test
    void aPollAnswersAtOnceWhenEventsWait() {
      scene.openSubscribed().leaves();
      sendNumbers(scene, 1, 2);
      assertThat(scene.poll().briefly()).containsExactly("received 1", "received 2");
    }

    @Test
    void anIdlePollAnswersAtItsTimeout() {
      scene.openSubscribed();
      RecordingPoll poll = scene.poll(32, Duration.ofSeconds(5), null);
      scene.pass(Duration.ofMillis(4_900));
      assertThat(poll.answer).isNull();
      scene.pass(Duration.ofMillis(200));
      assertThat(poll.answer.events()).isEmpty();
    }

    @Test
    void timeoutZeroAnswersAtOnce() {
      scene.openSubscribed();
      assertThat(scene.poll(32, Duration.ZERO, null).answer.events()).isEmpty();
    }

    @Test
    void noMoreThanThePollQueueAndTheRestIsCounted() {
      scene.openSubscribed().leaves();
      sendNumbers(scene, 1, 5);
      RecordingPoll poll = scene.poll(2, Duration.ZERO, null);
      assertThat(poll.briefly()).containsExactly("received 1", "received 2");
      assertThat(poll.answer.queueLength()).isEqualTo(3);
      assertThat(scene.poll(9, Duration.ZERO, null).briefly())
          .containsExactly("received 3", "received 4", "received 5");
    }

    @Test
    void anAnswerThatWasLostIsGivenAgain() {
      SessionHarness small = new SessionHarness(TestLimits.log(2, 512 * 1024));
      small.openSubscribed();
      RecordingPoll first = small.poll(32, Duration.ZERO, "0");
      for (int i = 1; i <= 2; i++) {
        sendNumbers(small, i, i);
      }
      RecordingPoll lost = small.poll(32, Duration.ZERO, first.lastId());
      assertThat(lost.briefly()).containsExactly("received 1", "received 2");
      sendNumbers(small, 3, 4);
      RecordingPoll again = small.poll(32, Duration.ZERO, first.lastId());
      assertThat(again.briefly())
          .containsExactly("received 1", "received 2", "received 3", "received 4");
      assertThat(again.answer.dropped()).isZero();
    }

    @Test
    void aPollWithAFailedCursorIsGreetedAndToldOfTheGap() {
      scene.openSubscribed();
      sendNumbers(scene, 1, 1);
      RecordingPoll poll = scene.poll(32, Duration.ZERO, "other-5");
      assertThat(poll.briefly())
          .containsExactly("joined false", "gap null", "connected", "received 1");
      assertThat(poll.answer.dropped()).isNull();
      assertThat(scene.poll(32, Duration.ZERO, poll.lastId()).answer.events()).isEmpty();
    }

    @Test
    void aNewPollAnswersTheWaitingOne() {
      scene.openSubscribed();
      RecordingPoll first = scene.poll();
      RecordingPoll second = scene.poll();
      assertThat(first.answer.events()).isEmpty();
      sendNumbers(scene, 1, 1);
      assertThat(second.briefly()).containsExactly("received 1");
    }

    @Test
    void aPollThatHasGoneTakesNothingWithIt() {
      scene.openSubscribed();
      RecordingPoll gone = scene.poll();
      gone.attachment.gone();
      sendNumbers(scene, 1, 1);
      assertThat(gone.answer).isNull();
      assertThat(scene.poll().briefly()).containsExactly("received 1");
    }

    @Test
    void aFullLogPausesTheCableBetweenPolls() {
      SessionHarness small = new SessionHarness(TestLimits.log(3, 512 * 1024));
      small.openSubscribed();
      small.poll(32, Duration.ZERO, null);
      sendNumbers(small, 1, 3);
      assertThat(small.cable().demanded).isFalse();
      assertThat(small.poll().answer.events()).hasSize(3);
      assertThat(small.cable().demanded).isTrue();
    }

    @Test
    void aSessionStaysTheLingerTimeAfterAnAnswer() {
      scene.openSubscribed();
      scene.pass(Duration.ofSeconds(100));
      RecordingPoll poll = scene.poll(32, Duration.ofSeconds(10), null);
      scene.pass(Duration.ofSeconds(10));
      assertThat(poll.answer).isNotNull();
      scene.pass(Duration.ofSeconds(29));
      assertThat(scene.manager.size()).isOne();
      scene.pass(Duration.ofSeconds(2));
      assertThat(scene.manager.size()).isZero();
    }
  }

  @Nested
  class CableReconnect {
    @Test
    void aLostCableIsAnnouncedAndAllSubscriptionsComeBack() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().breaks("server_restart");
      scene.settle();
      assertThat(stream.briefly()).endsWith("disconnected server_restart");
      scene.cable().welcomes();
      assertThat(scene.cable().sent).hasSize(2);
      scene.cable().confirms(CHAT);
      scene.settle();
      assertThat(stream.briefly()).endsWith("disconnected server_restart", "connected again");
    }

    @Test
    void commandsSentMeanwhileFail() {
      scene.open();
      RecordingReply held = scene.command(subscribe(), send("{}"));
      scene.cable().breaks("lost");
      assertThat(held.outcomes().get(1)).startsWith("the cable is down");
      RecordingReply reply = scene.command(new Command.Subscribe(NEWS), send("{}"));
      assertThat(reply.outcomes()).allMatch(error -> error.startsWith("the cable is down"));
    }

    @Test
    void commandsThatTheBrokenCableHadNotTakenFail() {
      scene.openSubscribed();
      scene.cable().holdsWrites = true;
      RecordingReply reply = scene.command(send("{}"));
      scene.cable().breaks("lost");
      assertThat(reply.outcomes()).containsExactly("the cable was lost");
    }

    @Test
    void aSubscriptionRejectedOnComingBackSaysSo() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().breaks("lost");
      scene.cable().welcomes();
      scene.cable().rejects(CHAT);
      scene.settle();
      assertThat(stream.briefly()).endsWith("disconnected lost", "rejected");
    }

    @Test
    void refusedOnComingBackEndsItForGoodWithoutASecondDisconnected() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().breaks("lost");
      scene.cable().ends(CableEnding.Kind.UNAUTHORIZED, "unauthorized");
      assertThat(stream.briefly())
          .containsExactly("joined false", "connected", "disconnected lost", "closed unauthorized");
      assertThat(scene.listen().refusal.status()).isEqualTo(204);
    }

    @Test
    void aListenerMayJoinWhileTheCableIsDown() {
      RecordingStream stream = scene.openSubscribed();
      String seen = stream.lastId();
      scene.cable().breaks("lost");
      assertThat(scene.listen(seen).briefly()).containsExactly("joined true", "disconnected lost");
    }

    @Test
    void theUnconfirmedClockStandsStillWhileTheCableIsPaused() {
      SessionHarness small = new SessionHarness(TestLimits.log(1, 512 * 1024));
      RecordingStream stream = small.openSubscribed();
      stream.ready = false;
      small.command(new Command.Subscribe(NEWS));
      small.cable().sends(CHAT, "1");
      small.settle();
      assertThat(small.cable().demanded).isFalse();
      for (int i = 0; i < 20; i++) {
        small.pass(Duration.ofSeconds(1));
      }
      stream.becomesReady();
      small.cable().confirms(NEWS);
      small.settle();
      assertThat(stream.briefly()).endsWith("received 1", "connected");
    }
  }

  @Nested
  class ExactlyOnce {
    @Test
    void aRepeatedPostIsAnsweredAndNotCarriedOutAgain() {
      scene.openSubscribed();
      RecordingReply first = scene.command(ALICE, "key-1", false, send("{\"n\":1}"));
      RecordingReply again = scene.command(ALICE, "key-1", false, send("{\"n\":1}"));
      assertThat(again.results).isEqualTo(first.results);
      assertThat(scene.cable().sent).hasSize(2);
    }

    @Test
    void whileTheFirstIsRunningTheSecondIs409() {
      scene.open();
      scene.command(subscribe());
      RecordingReply first = scene.command(ALICE, "key-1", false, send("{}"));
      RecordingReply second = scene.command(ALICE, "key-1", false, send("{}"));
      assertThat(second.refusal.status()).isEqualTo(409);
      scene.cable().confirms(CHAT);
      assertThat(first.outcomes()).containsExactly("ok");
      assertThat(scene.command(ALICE, "key-1", false, send("{}")).outcomes()).containsExactly("ok");
      assertThat(scene.cable().sent).hasSize(2);
    }

    @Test
    void anotherBodyWithTheSameKeyIs422() {
      scene.openSubscribed();
      scene.command(ALICE, "key-1", false, send("{}"));
      assertThat(scene.command(ALICE, "key-1", false, send("{\"a\":1}")).refusal.status())
          .isEqualTo(422);
    }

    @Test
    void theLastSixtyFourKeysAreRemembered() {
      scene.openSubscribed();
      for (int i = 0; i <= 64; i++) {
        scene.command(ALICE, "key-" + i, false, send("{}"));
      }
      int before = scene.cable().sent.size();
      scene.command(ALICE, "key-1", false, send("{}"));
      assertThat(scene.cable().sent).hasSize(before);
      scene.command(ALICE, "key-0", false, send("{}"));
      assertThat(scene.cable().sent).hasSize(before + 1);
    }

    @Test
    void whereMemoryIsShortAnOlderKeyIsForgottenForANewOne() {
      scene.openSubscribed();
      for (int i = 0; i < 10; i++) {
        scene.command(ALICE, "key-" + i, false, send("{}"));
      }
      reserveForOthersBut(0);
      assertThat(scene.command(ALICE, "key-a", false, send("{}")).outcomes()).containsExactly("ok");
      assertThatItIsNotCarriedOutAgain("key-a");
      assertThatItIsNotCarriedOutAgain("key-9");
    }

    @Test
    void whereMemoryIsShortTheNewestResultsAreRememberedRatherThanOlderOnes() {
      scene.openSubscribed();
      for (int i = 0; i < 10; i++) {
        scene.command(ALICE, "key-" + i, false, send("{}"));
      }
      reserveForOthersBut(SessionWeights.key("key-a") + 1);
      assertThat(scene.command(ALICE, "key-a", false, send("{}")).outcomes()).containsExactly("ok");
      assertThatItIsNotCarriedOutAgain("key-a");
      assertThatItIsNotCarriedOutAgain("key-9");
    }

    /** As for a page that connects when others' keys have used all memory for keys. */
    @Test
    void whereMemoryIsShortASessionStillHasItsLatestKey() {
      scene.openSubscribed();
      reserveForOthersBut(0);
      for (int i = 0; i < 10; i++) {
        String key = "key-" + i;
        assertThat(scene.command(ALICE, key, false, send("{}")).outcomes()).containsExactly("ok");
        assertThatItIsNotCarriedOutAgain(key);
      }
    }

    private void assertThatItIsNotCarriedOutAgain(String key) {
      List<String> before = List.copyOf(scene.cable().sent);
      RecordingReply again = scene.command(ALICE, key, false, send("{}"));
      assertThat(again.outcomes()).as(key).containsExactly("ok");
      assertThat(scene.cable().sent).as(key).isEqualTo(before);
    }

    /** Reserves all memory for keys but so many bytes, as other sessions with few keys each. */
    private void reserveForOthersBut(long bytes) {
      Holder rest = scene.account.holder();
      assertThat(rest.reserve(Kind.REMEMBERED, bytes)).isTrue();
      for (int each : new int[] {32 * 1_024, 1_024, 1}) {
        while (scene.account.holder().reserve(Kind.REMEMBERED, each)) {}
      }
      rest.release(Kind.REMEMBERED, bytes);
    }

    @Test
    void moreRunningKeysThanAreRememberedAreRefusedRatherThanForgotten() {
      scene.open();
      scene.command(subscribe());
      for (int i = 0; i < 64; i++) {
        scene.command(ALICE, "key-" + i, false, send("{}"));
      }
      assertThat(scene.command(ALICE, "key-64", false, send("{}")).refusal.status()).isEqualTo(429);
    }

    @Test
    void answersAreRememberedWithinTheirBytes() {
      scene.openSubscribed();
      Command[] many = new Command[100];
      for (int i = 0; i < many.length; i++) {
        many[i] = new Command.Malformed(null, "x".repeat(100));
      }
      for (int i = 0; i < 10; i++) {
        scene.command(ALICE, "key-" + i, false, many);
      }
      RecordingReply recent = scene.command(ALICE, "key-9", false, many);
      assertThat(recent.results).hasSize(100);
    }
  }

  @Nested
  class Drain {
    @Test
    void everyListenerLearnsWhenToComeBackAndTheCableClosesWith1001() {
      RecordingStream stream = scene.openSubscribed();
      sendNumbers(scene, 1, 1);
      DrainReport[] report = new DrainReport[1];
      scene.manager.drain(done -> report[0] = done);
      assertThat(scene.manager.isAccepting()).isFalse();
      scene.pass(Duration.ofMillis(500));
      assertThat(stream.text()).containsPattern("\n\nretry: ([5-9]\\d\\d|1[0-4]\\d\\d|1500)\n\n$");
      assertThat(stream.finished).isTrue();
      assertThat(scene.cable().closeCode).isEqualTo(1001);
      assertThat(report[0].sessions()).isOne();
      assertThat(report[0].aborted()).isZero();
    }

    @Test
    void whoComesToADrainedBridgeIsToldWhenToComeBack() {
      scene.manager.drain(done -> {});
      RecordingStream stream = scene.listen();
      assertThat(stream.postponed).matches("retry: ([5-9]\\d\\d|1[0-4]\\d\\d|1500)\n\n");
      assertThat(stream.acceptance).isNull();
      assertThat(scene.listen(new SessionRequest(ID, ALICE, Mode.TUNNEL, "0"), 0).refusal.status())
          .as("its client is a script")
          .isEqualTo(503);
      assertThat(scene.poll().refusal.status()).isEqualTo(503);
      assertThat(scene.poll().refusal.retryAfterSeconds()).isPositive();
      assertThat(scene.cables).isEmpty();
    }

    @Test
    void whereThereAreOthersWhoComesToADrainedBridgeIsSentToThem() {
      SessionHarness oneOfMany = new SessionHarness(TestLimits.drainNotice(Duration.ofSeconds(2)));
      RecordingStream waiting = oneOfMany.listen();
      oneOfMany.manager.drain(done -> {});
      assertThat(
              oneOfMany.listen(
                  new SessionRequest("another-id-of-16-c", ALICE, Mode.CHANNELS, null), 0))
          .satisfies(
              stream -> {
                assertThat(stream.refusal.status()).isEqualTo(503);
                assertThat(stream.refusal.retryAfterSeconds()).isPositive();
              });
      oneOfMany.pass(Duration.ofSeconds(3));
      assertThat(waiting.refusal.status()).isEqualTo(503);
    }

    /** Each node would relay it to this one while the session exists. */
    @Test
    void whereOthersFindTheSessionWhoComesToOneThatLeavesIsToldWhenToComeBack() {
      Duration notice = Duration.ofSeconds(2);
      SessionHarness oneOfMany = new SessionHarness(TestLimits.foundByOthers(notice));
      oneOfMany.openSubscribed();
      oneOfMany.manager.drain(done -> {});
      oneOfMany.pass(notice.plusMillis(200));
      assertThat(oneOfMany.listen().postponed).matches("retry: \\d+\n\n");
    }

    @Test
    void aStuckListenerIsCutWhenTimeIsUp() {
      RecordingStream stream = scene.openSubscribed();
      stream.ready = false;
      DrainReport[] report = new DrainReport[1];
      scene.manager.drain(done -> report[0] = done);
      scene.pass(Duration.ofSeconds(6));
      assertThat(report[0].aborted()).isOne();
      assertThat(stream.aborted).isTrue();
    }

    @Test
    void anotherDrainWaitsForWhatIsLeftOfTheFirstAndReportsTheSame() {
      Duration notice = Duration.ofSeconds(2);
      SessionHarness oneOfMany = new SessionHarness(TestLimits.drainNotice(notice));
      oneOfMany.openSubscribed();
      List<DrainReport> reports = new ArrayList<>();
      oneOfMany.manager.drain(reports::add);
      oneOfMany.pass(Duration.ofMillis(1_500));
      oneOfMany.manager.drain(reports::add);
      oneOfMany.pass(Duration.ofMillis(400));
      assertThat(reports).isEmpty();
      oneOfMany.pass(Duration.ofMillis(600));
      assertThat(reports).hasSize(2).allMatch(report -> report.equals(reports.get(0)));
      oneOfMany.manager.drain(reports::add);
      assertThat(reports).as("at once, as it is over").hasSize(3);
      assertThat(reports.get(2).sessions()).isOne();
    }

    @Test
    @NoFaults.Expected
    void aFaultInWhatFollowsIsLogged() {
      try (RecordedLog log = RecordedLog.below("cablestream.session.Drain")) {
        scene.manager.drain(
            done -> {
              throw new IllegalStateException("a secret");
            });
        scene.pass(Duration.ofMillis(500));
        assertThat(log.lines())
            .anyMatch(line -> line.matches("event=task_failed fault=IllegalStateException"))
            .noneMatch(line -> line.contains("secret"));
      }
    }

    @Test
    void aPollIsAnsweredThatItIsDrained() {
      scene.openSubscribed();
      RecordingPoll poll = scene.poll();
      scene.manager.drain(done -> {});
      scene.pass(Duration.ofMillis(500));
      assertThat(poll.briefly()).containsExactly("closed drained");
    }

    @Test
    void aPollThatComesWhileTheLastCommandsAreAwaitedIsAnsweredTheSameAtOnceButNotTwice() {
      RecordingPoll first = scene.poll();
      scene.cable().welcomes();
      scene.manager.drain(done -> {});
      scene.pass(Duration.ofMillis(200));
      RecordingPoll next = scene.poll(32, Duration.ofSeconds(25), first.lastId());
      assertThat(next.briefly()).containsExactly("closed drained");
      RecordingPoll again = scene.poll();
      assertThat(again.refusal.status()).isEqualTo(503);
      assertThat(again.refusal.retryAfterSeconds()).isPositive();
    }

    @Test
    void aTunnelThatWasDrainedBetweenTwoOfItsPollsIsToldSoByTheNext() {
      RecordingPoll opening = new RecordingPoll();
      Duration patience = Duration.ofSeconds(25);
      scene.manager.poll(new SessionRequest(ID, ALICE, Mode.TUNNEL, null), 32, patience, opening);
      scene.cable().welcomes();
      DrainReport[] report = new DrainReport[1];
      scene.manager.drain(done -> report[0] = done);
      scene.pass(Duration.ofMillis(500));
      RecordingPoll next = new RecordingPoll();
      SessionRequest back = new SessionRequest(ID, ALICE, Mode.TUNNEL, opening.lastId());
      scene.manager.poll(back, 32, patience, next);
      assertThat(next.briefly()).containsExactly("opened", "close");
      assertThat(scene.cable().dials).isEmpty();
      assertThat(report[0].sessions()).isOne();
    }

    @Test
    void whatAPollingClientSentBeforeADrainIsHeardOfStillReachesTheServer() {
      scene.openSubscribed();
      scene.manager.drain(done -> {});
      scene.pass(Duration.ofMillis(200));
      RecordingReply reply = scene.command(ALICE, null, true, send("{\"n\":1}"));
      assertThat(reply.outcomes()).containsExactly("ok");
    }

    @Test
    void aDialInProgressIsGivenUp() {
      RecordingStream stream = scene.listen();
      scene.manager.drain(done -> {});
      scene.pass(Duration.ofMillis(500));
      assertThat(stream.postponed).matches("retry: \\d+\n\n");
      assertThat(scene.cable().closeCode).isEqualTo(1001);
    }
  }

  @Nested
  class Tunnel {
    private RecordingStream tunnel(String cursor) {
      return scene.listen(new SessionRequest(ID, ALICE, Mode.TUNNEL, cursor), 0);
    }

    @Test
    void whatWasSentBeforeADrainIsHeardOfStillReachesTheServer() {
      RecordingStream stream = tunnel("0");
      scene.cable().welcomes();
      scene.manager.drain(done -> {});
      scene.pass(Duration.ofMillis(200));
      assertThat(stream.finished).isTrue();
      assertThat(frames("the last word").results.get(0).error()).isNull();
      assertThat(scene.cable().sent).endsWith("the last word");
      assertThat(scene.cable().closeCode).as("and may be processed there").isNull();
      scene.pass(Duration.ofMillis(200));
      assertThat(scene.cable().closeCode).isEqualTo(1001);
      assertThat(frames("too late").refusal.status()).isEqualTo(404);
    }

    @Test
    void whoPollsWhileTheLastCommandsAreAwaitedIsToldOfTheDrainAtOnce() {
      RecordingPoll opening = new RecordingPoll();
      Duration patience = Duration.ofSeconds(25);
      scene.manager.poll(new SessionRequest(ID, ALICE, Mode.TUNNEL, null), 32, patience, opening);
      scene.cable().welcomes();
      scene.manager.drain(done -> {});
      scene.pass(Duration.ofMillis(200));
      RecordingPoll next = new RecordingPoll();
      SessionRequest back = new SessionRequest(ID, ALICE, Mode.TUNNEL, opening.lastId());
      scene.manager.poll(back, 32, patience, next);
      assertThat(next.briefly()).containsExactly("close");
    }

    private RecordingReply frames(String... frames) {
      RecordingReply reply = new RecordingReply();
      List<Command> commands = new java.util.ArrayList<>();
      for (String frame : frames) {
        commands.add(new Command.Frame(frame));
      }
      scene.manager.command(
          new SessionRequest(ID, ALICE, Mode.TUNNEL, null),
          new CommandBatch(commands, null, null),
          false,
          reply);
      return reply;
    }

    @Test
    void aTunnelIsOpenedBeforeTheDialEnds() {
      RecordingStream stream = tunnel("0");
      assertThat(stream.briefly()).containsExactly("opened");
      assertThat(stream.events().get(0).data())
          .isEqualTo(
              "{\"protocol\":\"actioncable-v1-json\",\"session_id\":\"%s\",\"resumed\":false}"
                  .formatted(stream.acceptance.sessionId()));
    }

    @Test
    void framesGoBothWaysAsTheyAre() {
      RecordingStream stream = tunnel("0");
      RecordingReply reply = frames("{\"command\":\"subscribe\"}", "not even JSON");
      assertThat(reply.results).isNull();
      scene.cable().welcomes();
      assertThat(reply.results).hasSize(2);
      assertThat(scene.cable().sent)
          .containsExactly("{\"command\":\"subscribe\"}", "not even JSON");
      scene.cable().sendsFrame("{\"type\":\"welcome\"}");
      scene.cable().sendsFrame("{\"type\":\"ping\",\n \"message\":1}");
      scene.settle();
      assertThat(stream.events())
          .extracting(SseEvent::data)
          .endsWith("{\"type\":\"welcome\"}", "{\"type\":\"ping\",\n \"message\":1}");
    }

    @Test
    void aDroppedStreamResumes() {
      RecordingStream first = tunnel("0");
      scene.cable().welcomes();
      scene.cable().sendsFrame("1");
      scene.settle();
      String seen = first.lastId();
      scene.cable().sendsFrame("2");
      scene.settle();
      assertThat(tunnel(seen).events()).extracting(SseEvent::data).endsWith("2");
    }

    @Test
    void itIsToldOfADrainAsLongBeforeThatEndsItAsTheNoticeSays() {
      SessionHarness noticed = new SessionHarness(TestLimits.drainNotice(Duration.ofSeconds(2)));
      RecordingStream stream = noticed.listen(new SessionRequest(ID, ALICE, Mode.TUNNEL, "0"), 0);
      noticed.cable().welcomes();
      noticed.cable().sendsFrame("1");
      noticed.manager.drain(done -> {});
      noticed.settle();
      noticed.cable().sendsFrame("2");
      noticed.pass(Duration.ofMillis(1_900));
      assertThat(stream.events())
          .extracting(SseEvent::type)
          .containsExactly("opened", "message", "drain", "message");
      assertThat(stream.finished).isFalse();
      noticed.pass(Duration.ofMillis(500));
      assertThat(stream.finished).isTrue();
      assertThat(stream.events()).last().extracting(SseEvent::type).isEqualTo("close");
      assertThat(noticed.cable().closeCode).isEqualTo(1001);
    }

    @Test
    void aLostCableClosesItForGood() {
      RecordingStream stream = tunnel("0");
      scene.cable().welcomes();
      scene.cable().ends(CableEnding.Kind.CLOSED, "bye");
      assertThat(stream.briefly()).containsExactly("opened", "close");
      assertThat(stream.events().get(1).data()).isEqualTo("{\"code\":1000,\"reason\":\"bye\"}");
      assertThat(tunnel(stream.lastId()).refusal.status()).isEqualTo(204);
      assertThat(frames("x").refusal.status()).isEqualTo(410);
    }

    @Test
    void aLiveTunnelJoinedWithoutACursorCloses() {
      RecordingStream first = tunnel("0");
      scene.cable().welcomes();
      RecordingStream second = tunnel(null);
      assertThat(first.briefly()).containsExactly("opened", "close");
      assertThat(second.briefly()).containsExactly("opened", "close");
      assertThat(scene.cable().closeCode).isEqualTo(1000);
    }

    @Test
    void aCursorOfALostTunnelClosesWithoutADial() {
      RecordingStream stream = tunnel("before-the-restart-7");
      assertThat(stream.briefly()).containsExactly("opened", "close");
      assertThat(scene.cable().dials).isEmpty();
      assertThat(tunnel(null).refusal.status()).isEqualTo(204);
    }

    @Test
    void aFrameThatIsLostClosesIt() {
      RecordingStream stream = tunnel("0");
      scene.cable().welcomes();
      scene.cable().ends(CableEnding.Kind.CLOSED, "a binary frame");
      scene.settle();
      assertThat(stream.briefly()).containsExactly("opened", "close");
    }

    @Test
    void aStrangerIsRefusedBeforeItsModeIsLookedAt() {
      tunnel("0");
      Caller mallory = caller("https://a.example", "m", "m");
      assertThat(scene.listen(mallory, null).refusal.status()).isEqualTo(403);
      assertThat(scene.listen(ALICE, null).refusal.status()).isEqualTo(409);
    }
  }
}
