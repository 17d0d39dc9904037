package cablestream.session;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.ClientTransport;
import cablestream.browser.Command;
import cablestream.browser.Fallback;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.CableEnding;
import cablestream.support.Defaults;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is counted, and that everything is counted once. */
class ObserverTest {
  private final SessionHarness scene = new SessionHarness();

  @Test
  void aSessionIsOpenedAndEndedOnceHoweverManyVisitIt() {
    scene.open();
    scene.listen();
    scene.poll();
    scene.end(SessionHarness.ALICE, null);
    scene.end(SessionHarness.ALICE, null);
    scene.settle();

    assertThat(scene.observer.heard("opened")).hasSize(1);
    assertThat(scene.observer.heard("ended")).containsExactly("ended: CLIENT");
  }

  @Test
  void dialsAreCountedByWhatOpenedTheSession() {
    scene.listen();
    assertThat(dialled(scene)).isEqualTo("dialled for STREAM first: welcomed after 0 ms");

    SessionHarness polls = new SessionHarness();
    polls.poll();
    assertThat(dialled(polls)).isEqualTo("dialled for POLL first: welcomed after 0 ms");

    SessionHarness posts = new SessionHarness();
    posts.command(SessionHarness.ALICE, null, true, new Command.Subscribe(SessionHarness.CHAT));
    assertThat(dialled(posts))
        .as("POST with poll-queue")
        .isEqualTo("dialled for POLL first: welcomed after 0 ms");

    for (boolean streams : new boolean[] {true, false}) {
      SessionHarness tunnel = new SessionHarness();
      SessionRequest sessionRequest =
          new SessionRequest(SessionHarness.ID, SessionHarness.ALICE, Mode.TUNNEL, null);
      if (streams) {
        tunnel.listen(sessionRequest, 0);
      } else {
        tunnel.manager.poll(sessionRequest, 32, Duration.ZERO, new RecordingPoll());
      }
      assertThat(dialled(tunnel)).isEqualTo("dialled for TUNNEL first: welcomed after 0 ms");
    }
  }

  private static String dialled(SessionHarness scene) {
    scene.cable().welcomes();
    return scene.observer.heard("dialled").get(0);
  }

  @Test
  void aDialAfterALossIsCountedOnItsOwn() {
    scene.open();
    scene.cable().breaks("lost");
    scene.cable().welcomes();
    assertThat(scene.observer.heard("dialled"))
        .containsExactly(
            "dialled for STREAM first: welcomed after 0 ms",
            "dialled for STREAM again: welcomed after 0 ms");
  }

  @Test
  void aDialThatFailsIsCountedByItsKind() {
    scene.listen();
    scene.cable().ends(CableEnding.Kind.REFUSED, "refused");
    assertThat(scene.observer.heard("dialled"))
        .containsExactly("dialled for STREAM first: REFUSED after 0 ms");
  }

  @Test
  void aTunnelIsCountedOnceByWhyItIsThere() {
    SessionRequest first = tunnel(null, Fallback.DIED);
    RecordingStream stream = scene.listen(first, 0);
    scene.cable().welcomes();
    scene.listen(tunnel(stream.lastId(), Fallback.REFUSED), 0);
    scene.manager.poll(
        tunnel(stream.lastId(), Fallback.REFUSED), 32, Duration.ZERO, new RecordingPoll());
    assertThat(scene.observer.heard("fell back")).containsExactly("fell back: DIED");
  }

  @Test
  void aTunnelThatCannotBeResumedAndASessionOfChannelsAreNotCounted() {
    scene.listen(tunnel("lost-with-its-node-7", Fallback.DIED), 0);
    assertThat(scene.observer.heard("opened")).hasSize(1);
    SessionHarness channels = new SessionHarness();
    channels.open();
    assertThat(scene.observer.heard("fell back")).isEmpty();
    assertThat(channels.observer.heard("fell back")).isEmpty();
  }

  private static SessionRequest tunnel(String cursor, Fallback fallback) {
    return new SessionRequest(
        SessionHarness.ID,
        null,
        SessionHarness.ALICE,
        Mode.TUNNEL,
        cursor,
        ClientTransport.EVENTSOURCE,
        fallback);
  }

  @ParameterizedTest
  @CsvSource({
    "refused,REFUSED",
    "silent,SILENT",
    "died,DIED",
    "forced,FORCED",
    "unsupported,UNSUPPORTED",
    "other,OTHER",
    "unknown,OTHER",
    "Refused,OTHER",
    "'',OTHER",
    ",UNKNOWN"
  })
  void anyReasonIsOneOfAFew(String word, Fallback reason) {
    assertThat(Fallback.of(word)).isEqualTo(reason);
  }

  @Test
  void aSessionThatLingersAwaySaysSo() {
    scene.open().leaves();
    scene.pass(Defaults.limits().sessions().linger().plusSeconds(1));

    assertThat(scene.observer.heard("ended")).containsExactly("ended: LINGER");
  }

  @Test
  void aFailedFirstDialEndsTheSession() {
    scene.listen();
    scene.cable().ends(CableEnding.Kind.UNREACHABLE, "unreachable");

    assertThat(scene.observer.heard("ended")).containsExactly("ended: DIAL_FAILED");
    assertThat(scene.observer.heard("attached")).isEmpty();
  }

  @Test
  void aSessionThatTheServerEndsCountsWhenItEndsAndNotAgainWhenItIsForgotten() {
    scene.open();
    scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
    assertThat(scene.observer.heard("ended")).containsExactly("ended: CABLE");

    scene.pass(Defaults.limits().sessions().linger().plusSeconds(1));
    assertThat(scene.observer.heard("ended")).hasSize(1);
  }

  @Test
  void aDrainAndAStopAreToldApart() {
    scene.open();
    scene.manager.drain(report -> {});
    scene.pass(Duration.ofSeconds(1));
    scene.manager.close();
    assertThat(scene.observer.heard("ended")).containsExactly("ended: DRAIN");

    SessionHarness other = new SessionHarness();
    other.open();
    other.manager.close();
    assertThat(other.observer.heard("ended")).containsExactly("ended: STOP");
  }

  @Test
  void everyListenerThatWasAttachedLeavesOnce() {
    scene.open();
    scene.listen();
    scene.poll();
    scene.listen().leaves();
    scene.pass(Duration.ofMinutes(1));

    assertThat(scene.observer.heard("attached"))
        .containsExactly(
            "attached: STREAM", "attached: STREAM", "attached: POLL", "attached: STREAM");
    assertThat(scene.observer.heard("left")).hasSize(4);
    assertThat(scene.observer.heard("left: POLL")).hasSize(1);
  }

  @Test
  void anEventIsLoggedOnceAndWrittenToEachThatGetsIt() {
    scene.openSubscribed();
    scene.observer.forget();

    scene.cable().sends(SessionHarness.CHAT, "1");
    scene.settle();
    scene.poll(32, Duration.ZERO, "0");

    assertThat(scene.observer.heard("logged")).hasSize(1);
    assertThat(scene.observer.heard("written: 1 by STREAM")).hasSize(1);
    assertThat(scene.observer.heard("written: 2 by POLL")).hasSize(1);
  }

  @Test
  void theTimeToTheWriteIsTakenFromTheOldestOfTheEventsThatGathered() {
    scene.openSubscribed();
    scene.pass(Duration.ofSeconds(1));
    scene.cable().sends(SessionHarness.CHAT, "1");
    scene.observer.forget();

    scene.cable().sends(SessionHarness.CHAT, "2");
    scene.timers.advance(Duration.ofMillis(3));
    scene.cable().sends(SessionHarness.CHAT, "3");
    scene.timers.advance(Duration.ofMillis(2));
    scene.pool.runAll();

    assertThat(scene.observer.heard("delivered"))
        .containsExactly("delivered after 5000 us by STREAM");
  }

  @Test
  void theTimeToAPollsAnswerIsTheTransportsOwn() {
    scene.openSubscribed().leaves();
    scene.pass(Duration.ofSeconds(1));
    scene.poll(32, Duration.ofSeconds(5), null);
    scene.observer.forget();

    scene.cable().sends(SessionHarness.CHAT, "2");
    scene.pool.runAll();

    assertThat(scene.observer.heard("delivered")).containsExactly("delivered after 0 us by POLL");
  }

  @Test
  void theTimeInWhichAListenerTakesNothingIsNotTheBridges() {
    RecordingStream stream = scene.openSubscribed();
    scene.pass(Duration.ofSeconds(1));
    scene.observer.forget();
    stream.ready = false;
    scene.cable().sends(SessionHarness.CHAT, "1");
    scene.settle();
    scene.pass(Duration.ofSeconds(2));

    stream.becomesReady();
    scene.settle();

    assertThat(scene.observer.heard("written: 1")).hasSize(1);
    assertThat(scene.observer.heard("delivered")).isEmpty();
  }

  @Test
  void anEventBetweenTwoPollsWaitsForTheNext() {
    openSubscribedAndRead();
    scene.cable().sends(SessionHarness.CHAT, "1");
    scene.pass(Duration.ofMillis(700));
    assertThat(scene.observer.heard("waited")).isEmpty();

    scene.poll();
    scene.settle();

    assertThat(scene.observer.heard("waited")).containsExactly("waited 700 ms for POLL");
  }

  @Test
  void anEventWaitsForAStreamThatIsAwayOrTakesNothing() {
    openSubscribedAndRead();
    scene.cable().sends(SessionHarness.CHAT, "1");
    scene.pass(Duration.ofSeconds(3));
    RecordingStream stream = scene.listen();
    scene.settle();
    assertThat(scene.observer.heard("waited")).containsExactly("waited 3000 ms for STREAM");

    scene.observer.forget();
    stream.ready = false;
    scene.cable().sends(SessionHarness.CHAT, "2");
    scene.pass(Duration.ofSeconds(2));
    assertThat(scene.observer.heard("waited")).isEmpty();
    stream.becomesReady();
    scene.settle();

    assertThat(scene.observer.heard("waited")).containsExactly("waited 2000 ms for STREAM");
  }

  @Test
  void theWaitOfOneEventASecondIsMeasured() {
    scene.openSubscribed();
    scene.pass(Duration.ofSeconds(2));
    scene.observer.forget();

    for (int i = 0; i < 30; i++) {
      scene.cable().sends(SessionHarness.CHAT, "" + i);
      scene.settle();
      scene.pass(Duration.ofMillis(99));
    }

    assertThat(scene.observer.heard("delivered")).hasSize(30);
    assertThat(scene.observer.heard("waited")).hasSize(3).containsOnly("waited 0 ms for STREAM");
  }

  /** Earlier events have been read, and long ago. */
  private void openSubscribedAndRead() {
    scene.openSubscribed().leaves();
    scene.pass(Duration.ofSeconds(2));
    scene.observer.forget();
  }

  @Test
  void commandsAreCountedByKindAndOutcome() {
    scene.openSubscribed();
    scene.observer.forget();

    scene.command(
        SessionHarness.send("{}"),
        new Command.Unsubscribe(SessionHarness.NEWS),
        new Command.Malformed(null, "no identifier"));

    assertThat(scene.observer.heard("commanded"))
        .containsExactly(
            "commanded: SEND done", "commanded: UNSUBSCRIBE failed", "commanded: MALFORMED failed");
  }

  @Test
  void aRepeatedPostIsNotCountedAgain() {
    scene.openSubscribed();
    scene.observer.forget();

    scene.command(SessionHarness.ALICE, "key", false, SessionHarness.send("{}"));
    scene.command(SessionHarness.ALICE, "key", false, SessionHarness.send("{}"));

    assertThat(scene.observer.heard("commanded")).hasSize(1);
  }

  @Test
  void aLostCableAndAnUnreadableFrameAreCounted() {
    scene.openSubscribed();
    scene.cable().sendsRubbish();
    scene.cable().breaks("stale");

    assertThat(scene.observer.heard("gap")).containsExactly("gap: 1");
    assertThat(scene.observer.heard("cable lost")).containsExactly("cable lost: stale");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "another-session-7"})
  void aCursorThatCannotBeResumedIsAGapOfUnknownSize(String cursor) {
    scene.open();
    scene.listen(cursor);
    assertThat(scene.observer.heard("gap")).containsExactly("gap: null");
  }

  @Test
  void aStallIsCountedWhenTheListenerIsCut() {
    RecordingStream stream = scene.openSubscribed();
    stream.ready = false;
    scene.cable().sends(SessionHarness.CHAT, "1");
    scene.settle();
    scene.pass(Defaults.limits().listening().soleStall().plusSeconds(20));

    assertThat(stream.aborted).isTrue();
    assertThat(scene.observer.heard("stalled")).hasSize(1);
    assertThat(scene.observer.heard("left")).containsExactly("left: STREAM");
  }
}
