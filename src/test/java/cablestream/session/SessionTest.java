package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static cablestream.session.SessionHarness.CHAT;
import static cablestream.session.SessionHarness.ID;
import static cablestream.session.SessionHarness.NEWS;
import static cablestream.session.SessionHarness.caller;
import static cablestream.session.SessionHarness.send;
import static cablestream.session.SessionHarness.subscribe;
import static cablestream.session.SessionHarness.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Caller;
import cablestream.browser.Command;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.CableEnding;
import cablestream.cable.DialRequest;
import cablestream.log.Identifier;
import cablestream.memory.Kind;
import cablestream.support.Defaults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions of the classic API; protocol sections 2, 3, 5 and 8. */
class SessionTest {
  private final SessionHarness scene = new SessionHarness();

  @Nested
  class Opening {
    @Test
    void nothingIsAnsweredBeforeTheWelcome() {
      RecordingStream stream = scene.listen();
      assertThat(stream.acceptance).isNull();
      scene.cable().welcomes();
      assertThat(stream.briefly()).containsExactly("joined false");
    }

    @Test
    void theCallersHeadersAreDialledWith() {
      scene.listen();
      assertThat(scene.cable().dials)
          .singleElement()
          .extracting(dial -> dial.headers().get(0).value())
          .isEqualTo("cookie=alice");
    }

    @Test
    void theFirstBytesSayWhenToRetryAndWhoJoined() {
      RecordingStream stream = scene.open();
      String session = stream.acceptance.sessionId();
      assertThat(stream.text().replaceFirst("^retry: (1000|[5-9]\\d\\d)\n", "retry: N\n"))
          .isEqualTo(
              "retry: N\n\nid: %s-0\ndata: {\"type\":\"joined\",\"id\":\"/%s\",\"resumed\":false,\"session_id\":\"%s\",\"msg_id\":\"%s-0\"}\n\n"
                  .formatted(session, ID, session, session));
    }

    @Test
    void streamsThatAreLostTogetherDontComeBackTogether() {
      scene.open();
      Set<String> delays = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        delays.add(scene.listen().text().lines().findFirst().orElseThrow());
      }
      assertThat(delays).hasSizeGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource({"UNAUTHORIZED,403", "REFUSED,502", "UNREACHABLE,502", "NO_WELCOME,504", "BUSY,503"})
    void aFailedDialRefusesAllWhoWaitAndLeavesNothing(CableEnding.Kind kind, int status) {
      RecordingStream stream = scene.listen();
      RecordingReply reply = scene.command(subscribe());
      scene.cable().ends(kind, "why");
      assertThat(stream.refusal.status()).isEqualTo(status);
      assertThat(stream.refusal.error()).isEqualTo("error: why");
      assertThat(reply.refusal.status()).isEqualTo(status);
      assertThat(scene.manager.size()).isZero();
      scene.listen();
      assertThat(scene.cables).hasSize(2);
    }

    @Test
    void whoeverComesDuringTheDialJoinsTheSameSession() {
      RecordingStream first = scene.listen();
      RecordingReply reply = scene.command(subscribe());
      RecordingStream second = scene.listen();
      scene.cable().welcomes();
      assertThat(scene.cables).hasSize(1);
      assertThat(first.briefly()).containsExactly("joined false", "closed replaced");
      assertThat(second.acceptance.sessionId()).isEqualTo(first.acceptance.sessionId());
      assertThat(reply.outcomes()).containsExactly("ok");
    }

    @Test
    void aSessionIdIsNewEachTime() {
      String first = scene.open().acceptance.sessionId();
      scene.end(ALICE, null);
      assertThat(scene.open().acceptance.sessionId()).isNotEqualTo(first);
    }

    @Test
    void oneSessionTooManyIsRefusedWithRetryAfter() {
      SessionHarness small = new SessionHarness(TestLimits.sessions(1));
      small.open();
      RecordingStream second =
          small.listen(new SessionRequest("another-id-of-16-c", ALICE, Mode.CHANNELS, null), 0);
      assertThat(second.refusal.status()).isEqualTo(503);
      assertThat(second.refusal.retryAfterSeconds()).isPositive();
      small.end(ALICE, null);
      small.listen(new SessionRequest("another-id-of-16-c", ALICE, Mode.CHANNELS, null), 0);
      assertThat(small.cables).hasSize(2);
    }

    @Test
    void oneAddressMayHaveSoManySessionsAndNoMore() {
      SessionHarness small = new SessionHarness(TestLimits.sessionsPerAddress(1));
      SessionRequest second = new SessionRequest("another-id-of-16-c", ALICE, Mode.CHANNELS, null);
      small.open();
      assertThat(small.listen().acceptance).isNotNull();
      assertThat(small.listen(second, 0).refusal.status()).isEqualTo(503);
      small.end(ALICE, null);
      assertThat(small.listen(second, 0).refusal).isNull();
    }

    @Test
    void tooManyDialsRefuseANewSession() {
      scene.dialerAccepts = false;
      assertThat(scene.listen().refusal.status()).isEqualTo(503);
    }
  }

  @Nested
  class Events {
    @Test
    void aMessageArrivesByteForByte() {
      RecordingStream stream = scene.openSubscribed();
      String message = "{\"b\":1.10e+99,\"a\":\"ü\\u00fc😀\",\"n\":123456789012345678901234567890}";
      scene.cable().sends(CHAT, message);
      assertThat(stream.text())
          .contains(
              "\"chan_id\":\"c0c0\",\"identifier\":{\"channel\":\"ChatChannel\",\"room\":1.0},\"message\":"
                  + message
                  + ",\"session_id\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"<p>hi</p>\"", "[1,2]", "null", "-1.50", "true", "{}"})
    void aMessageMayBeAnyJson(String message) {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().sends(CHAT, message);
      assertThat(stream.briefly()).endsWith("received " + message);
    }

    @Test
    void lineBreaksBetweenTokensAreSpaces() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().sends(CHAT, "{\r\n\"a\":\r1,\n\n\"b\":2}");
      assertThat(stream.text()).contains("\"message\":{  \"a\": 1,  \"b\":2}");
      assertThat(stream.briefly()).endsWith("received {\"a\":1,\"b\":2}");
    }

    @Test
    void idsRiseByOneAndTheTimeIsUtc() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().sends(CHAT, "1");
      scene.settle();
      scene.cable().sends(CHAT, "2");
      String session = stream.acceptance.sessionId();
      assertThat(stream.events().stream().map(SseEvent::id))
          .containsExactly(session + "-0", session + "-1", session + "-2", session + "-3");
      SseEvent last = stream.events().get(3);
      assertThat(last.json().getString("msg_id")).isEqualTo(last.id());
      assertThat(last.json().getString("time")).startsWith("2026-01-02T03:04:05.6").endsWith("Z");
    }

    @Test
    void messagesOfUnknownSubscriptionsAreDropped() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().sends(NEWS, "1");
      scene.cable().confirms(NEWS);
      scene.cable().rejects(NEWS);
      scene.settle();
      assertThat(stream.briefly()).containsExactly("joined false", "connected");
    }

    @Test
    void aMessageBeforeTheConfirmationIsForwardedInOrder() {
      RecordingStream stream = scene.open();
      scene.command(subscribe());
      scene.cable().sends(CHAT, "\"early\"");
      scene.cable().confirms(CHAT);
      scene.settle();
      assertThat(stream.briefly())
          .containsExactly("joined false", "received \"early\"", "connected");
    }

    @Test
    void aFrameThatCannotBeReadIsAnnouncedAsAGap() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().sendsRubbish();
      scene.cable().sends(CHAT, "2");
      scene.settle();
      assertThat(stream.briefly()).endsWith("gap 1", "received 2");
    }

    @Test
    void eventsThatComeInARushGoOutInOneFlush() {
      RecordingStream stream = scene.openSubscribed();
      int before = stream.flushes;
      for (int i = 0; i < 100; i++) {
        scene.cable().sends(CHAT, "" + i);
      }
      scene.settle();
      assertThat(stream.events()).hasSize(102);
      assertThat(stream.flushes - before).isLessThanOrEqualTo(2);
    }

    @Test
    void anIdleStreamGetsACommentEveryFifteenSeconds() {
      RecordingStream stream = scene.open();
      scene.pass(Duration.ofSeconds(16));
      assertThat(stream.text()).endsWith("}\n\n:\n\n");
      scene.pass(Duration.ofSeconds(15));
      assertThat(stream.text()).endsWith("}\n\n:\n\n:\n\n");
    }

    @Test
    void aHeartbeatGoesInTwoPartsSoThatTheSecondFindsOutWhoHasGone() {
      RecordingStream stream = scene.open();
      int before = stream.flushes;
      scene.pass(Duration.ofSeconds(15));
      assertThat(stream.text()).endsWith("}\n\n:");
      assertThat(stream.flushes).isEqualTo(before + 1);
      scene.pass(Duration.ofMillis(500));
      assertThat(stream.text()).endsWith("}\n\n:\n\n");
      assertThat(stream.flushes).isEqualTo(before + 2);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "15, 0", "1, 1", "2, 2"})
    void betweenTwoHeartbeatsIsThePeriodThatIsConfiguredOrAskedFor(int seconds, int ping) {
      SessionHarness quick = new SessionHarness(TestLimits.heartbeat(Duration.ofSeconds(seconds)));
      quick.timers.tick(Duration.ofMillis(250));
      quick.pass(Duration.ofMillis(10));
      RecordingStream stream =
          quick.listen(new SessionRequest(ID, ALICE, Mode.CHANNELS, null), ping);
      quick.cable().welcomes();
      quick.pass(Duration.ofMillis(251)); // a timer may be one tick late
      for (int heartbeats = 1; heartbeats <= 20; heartbeats++) {
        quick.pass(Duration.ofSeconds(seconds));
        assertThat(stream.heartbeats).isEqualTo(heartbeats);
      }
    }

    @Test
    void anEventThatComesInTheMiddleOfAHeartbeatWaitsForItsEnd() {
      RecordingStream stream = scene.openSubscribed();
      scene.pass(Duration.ofSeconds(15));
      assertThat(stream.text()).endsWith("}\n\n:");
      scene.cable().sends(CHAT, "1");
      scene.settle();
      assertThat(stream.text()).contains("}\n\n:\n\nid: ").endsWith("}\n\n");
      assertThat(stream.briefly()).endsWith("connected", "received 1");
      scene.pass(Duration.ofSeconds(14));
      assertThat(stream.briefly()).endsWith("received 1");
      assertThat(stream.text()).as("nothing is left of it").endsWith("}\n\n");
    }

    @Test
    void theEndWaitsForAHeartbeatsEndToo() {
      RecordingStream stream = scene.listen(new SessionRequest(ID, ALICE, Mode.CHANNELS, null), 3);
      scene.cable().welcomes();
      scene.pass(Duration.ofSeconds(3));
      assertThat(stream.text()).endsWith("event: ping\n");
      scene.end(ALICE, null);
      assertThat(stream.text()).contains("event: ping\ndata: {}\n\nid: ");
      assertThat(stream.briefly()).endsWith("closed ended");
      scene.pass(Duration.ofSeconds(1));
      assertThat(stream.finished).isTrue();
    }

    @Test
    void aListenerThatIsNotReadyForAHeartbeatsEndGetsItBeforeAllElse() {
      RecordingStream stream = scene.openSubscribed();
      scene.pass(Duration.ofSeconds(15));
      stream.ready = false;
      scene.cable().sends(CHAT, "1");
      scene.pass(Duration.ofSeconds(1));
      assertThat(stream.text()).endsWith("}\n\n:");
      stream.becomesReady();
      assertThat(stream.text()).contains("}\n\n:\n\nid: ");
      assertThat(stream.briefly()).endsWith("received 1");
    }

    @Test
    void aStreamWhoseNetworkHasGoneIsCutAtItsNextHeartbeatAndItsSessionLingers() {
      RecordingStream stream = scene.openSubscribed();
      stream.lost = true;
      for (int second = 0; second < 15; second++) {
        scene.cable().sends(CHAT, "1"); // no heartbeat, and no response of the client
        scene.pass(Duration.ofSeconds(1));
      }
      assertThat(stream.aborted).isTrue();
      assertThat(scene.cable().closeCode).isNull();
      scene.pass(Defaults.limits().sessions().linger().plusSeconds(1));
      assertThat(scene.cable().closeCode).isEqualTo(1000);
    }

    @Test
    void theFifteenSecondsBeginWithTheLastEvent() {
      RecordingStream stream = scene.openSubscribed();
      scene.pass(Duration.ofSeconds(10));
      scene.cable().sends(CHAT, "1");
      scene.pass(Duration.ofSeconds(14));
      assertThat(stream.text()).endsWith("}\n\n");
      scene.pass(Duration.ofSeconds(2));
      assertThat(stream.text()).endsWith("}\n\n:\n\n");
    }

    @Test
    void aListenerMayAskForPingEvents() {
      RecordingStream stream = scene.listen(new SessionRequest(ID, ALICE, Mode.CHANNELS, null), 3);
      scene.cable().welcomes();
      scene.pass(Duration.ofSeconds(7));
      assertThat(stream.text()).endsWith("}\n\nevent: ping\ndata: {}\n\nevent: ping\ndata: {}\n\n");
    }

    @Test
    void aPingEverySecondComesEverySecond() {
      RecordingStream stream = scene.listen(new SessionRequest(ID, ALICE, Mode.CHANNELS, null), 1);
      scene.cable().welcomes();
      scene.pass(Duration.ofMillis(10_900));
      assertThat(stream.text().split("event: ping\ndata", -1)).hasSize(11);
    }
  }

  @Nested
  class Commands {
    @Test
    void subscribeIsWrittenAsActionCablesClientDoes() {
      scene.open();
      RecordingReply reply = scene.command(subscribe());
      assertThat(scene.cable().sent)
          .containsExactly(
              "{\"command\":\"subscribe\",\"identifier\":\"{\\\"channel\\\":\\\"ChatChannel\\\",\\\"room\\\":1.0}\"}");
      assertThat(reply.results.get(0).chanId()).isEqualTo("c0c0");
      assertThat(reply.results.get(0).sessionId()).hasSize(16);
    }

    @Test
    void twoSpellingsOfOneIdentifierAreOneSubscription() {
      scene.openSubscribed();
      Identifier other = new Identifier("{\"room\":1.0,\"channel\":\"ChatChannel\"}", "c0c0");
      RecordingReply reply =
          scene.command(new Command.Subscribe(other), new Command.Send(other, "{\"a\":1}"));
      assertThat(reply.outcomes()).containsExactly("ok", "ok");
      assertThat(scene.cable().sent)
          .hasSize(2)
          .last()
          .asString()
          .contains("\"identifier\":\"{\\\"channel\\\":\\\"ChatChannel\\\",\\\"room\\\":1.0}\"")
          .contains("\"data\":\"{\\\"a\\\":1}\"");
    }

    @Test
    void anUnansweredSubscribeIsRepeatedLessAndLessOftenUntilConfirmed() {
      scene.open();
      scene.command(subscribe());
      List<Integer> sentAfterHalfSeconds = new ArrayList<>();
      for (int i = 0; i < 19; i++) {
        scene.pass(Duration.ofMillis(500));
        sentAfterHalfSeconds.add(scene.cable().sent.size());
      }
      // Repeated after 0.5, 1.5, 3.5 and 7.5 seconds.
      assertThat(sentAfterHalfSeconds)
          .containsExactly(2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5);
      scene.cable().confirms(CHAT);
      scene.pass(Duration.ofSeconds(60));
      assertThat(scene.cable().sent).hasSize(5);
    }

    @Test
    void anUnsubscribeThatTheCableIsTooBusyForLeavesTheSubscriptionAsItWas() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().holdsWrites = true;
      String big = "{\"a\":\"" + "x".repeat(60_000) + "\"}";
      scene.command(send(big), send(big), send(big), send(big));
      Identifier large = new Identifier("{\"channel\":\"" + "x".repeat(30_000) + "\"}", "large");
      scene.cable().takesWrites();
      scene.command(new Command.Subscribe(large));
      scene.cable().takesWrites();
      scene.cable().confirms(large);
      scene.command(send(big), send(big), send(big), send(big));
      assertThat(scene.command(new Command.Unsubscribe(large)).outcomes().get(0))
          .startsWith("the cable is busy");
      scene.cable().takesWrites();
      scene.cable().sends(large, "1");
      scene.settle();
      assertThat(stream.briefly()).endsWith("received 1");
      RecordingReply again = scene.command(new Command.Unsubscribe(large));
      scene.cable().takesWrites();
      assertThat(again.outcomes()).containsExactly("ok");
    }

    @Test
    void afterTenSecondsASubscriptionIsUnconfirmedAndMayStillConnect() {
      RecordingStream stream = scene.open();
      RecordingReply reply = scene.command(subscribe(), send("{}"));
      scene.pass(Duration.ofSeconds(11));
      assertThat(stream.briefly()).endsWith("disconnected unconfirmed");
      assertThat(reply.outcomes()).containsExactly("ok", "not confirmed within 10 s");
      assertThat(scene.command(send("{}")).outcomes()).containsExactly("not confirmed within 10 s");
      scene.cable().confirms(CHAT);
      scene.settle();
      assertThat(stream.briefly()).endsWith("connected");
      assertThat(scene.command(send("{}")).outcomes()).containsExactly("ok");
    }

    @Test
    void aSubscribeStartsAnUnconfirmedOneAnew() {
      scene.open();
      scene.command(subscribe());
      scene.pass(Duration.ofSeconds(11));
      int before = scene.cable().sent.size();
      scene.command(subscribe());
      assertThat(scene.cable().sent).hasSize(before + 1);
    }

    @Test
    void sendsWaitForTheConfirmationAndKeepTheirOrder() {
      scene.open();
      RecordingReply reply = scene.command(subscribe(), send("{\"n\":1}"), send("{\"n\":2}"));
      assertThat(reply.results).isNull();
      assertThat(scene.cable().sent).hasSize(1);
      scene.cable().confirms(CHAT);
      assertThat(reply.outcomes()).containsExactly("ok", "ok", "ok");
      assertThat(scene.cable().sent.get(1)).contains("\\\"n\\\":1");
      assertThat(scene.cable().sent.get(2)).contains("\\\"n\\\":2");
    }

    @Test
    void aHeldSendDoesNotHoldThoseOfOtherIdentifiers() {
      scene.openSubscribed();
      RecordingReply reply =
          scene.command(
              new Command.Subscribe(NEWS), new Command.Send(NEWS, "{}"), send("{\"free\":1}"));
      assertThat(scene.cable().sent.get(scene.cable().sent.size() - 1)).contains("free");
      assertThat(reply.results).isNull();
    }

    @Test
    void aRejectionFailsWhatWaitsAndForgetsTheSubscription() {
      RecordingStream stream = scene.open();
      RecordingReply reply = scene.command(subscribe(), send("{}"), unsubscribe());
      scene.cable().rejects(CHAT);
      scene.settle();
      assertThat(stream.briefly()).endsWith("rejected");
      assertThat(reply.outcomes())
          .containsExactly("ok", "the subscription was rejected", "not subscribed");
      assertThat(scene.command(send("{}")).outcomes()).containsExactly("not subscribed");
    }

    @Test
    void unsubscribeWaitsForThePendingSubscribe() {
      scene.open();
      RecordingReply reply = scene.command(subscribe(), unsubscribe());
      assertThat(scene.cable().sent).hasSize(1);
      scene.cable().confirms(CHAT);
      assertThat(reply.outcomes()).containsExactly("ok", "ok");
      assertThat(scene.cable().sent.get(1)).startsWith("{\"command\":\"unsubscribe\"");
      assertThat(scene.command(unsubscribe()).outcomes()).containsExactly("not subscribed");
    }

    @Test
    void aSubscribeBehindAHeldUnsubscribeStartsAfterIt() {
      scene.open();
      RecordingReply reply =
          scene.command(subscribe(), unsubscribe(), subscribe(), send("{\"late\":1}"));
      scene.cable().confirms(CHAT);
      assertThat(scene.cable().sent)
          .extracting(frame -> frame.substring(12, frame.indexOf('"', 12)))
          .containsExactly("subscribe", "unsubscribe", "subscribe");
      scene.cable().confirms(CHAT);
      assertThat(scene.cable().sent.get(3)).contains("late");
      assertThat(reply.outcomes()).containsExactly("ok", "ok", "ok", "ok");
    }

    @Test
    void oneBadCommandDoesNotSpoilItsNeighbours() {
      scene.openSubscribed();
      RecordingReply reply =
          scene.command(send("{}"), new Command.Malformed(null, "no identifier"), send("{}"));
      assertThat(reply.outcomes()).containsExactly("ok", "no identifier", "ok");
    }

    @Test
    void anEmptyBatchIsAnsweredAtOnce() {
      scene.openSubscribed();
      assertThat(scene.command().results).isEmpty();
    }

    @Test
    void moreThanTheSocketTakesIsRefusedAndNotKept() {
      scene.openSubscribed();
      scene.cable().holdsWrites = true;
      String big = "{\"a\":\"" + "x".repeat(60_000) + "\"}";
      RecordingReply first = scene.command(send(big), send(big), send(big), send(big));
      RecordingReply second = scene.command(send(big));
      assertThat(second.outcomes().get(0)).startsWith("the cable is busy");
      assertThat(first.results).isNull();
      scene.cable().takesWrites();
      assertThat(first.outcomes()).containsOnly("ok");
    }

    @Test
    void heldCommandsCountTowardsWhatMayWait() {
      scene.open();
      scene.command(subscribe());
      String big = "{\"a\":\"" + "x".repeat(60_000) + "\"}";
      RecordingReply reply = scene.command(send(big), send(big), send(big), send(big), send(big));
      scene.cable().confirms(CHAT);
      assertThat(reply.outcomes().subList(0, 4)).containsOnly("ok");
      assertThat(reply.outcomes().get(4)).startsWith("the cable is busy");
    }

    @Test
    void commandsForASessionThatIsNotThereAre404WhichSaysWhoWasAsked() {
      assertThat(scene.command(subscribe()).refusal.status()).isEqualTo(404);
      assertThat(scene.command(subscribe()).refusal.error())
          .contains("(node " + SessionHarness.NODE + ")", "cluster.store");
    }

    @Test
    void commandsForASessionThatWasNeverHereAreCountedAsLedAstray() {
      assertThat(scene.command(subscribe()).refusal.error()).contains("several nodes");
      assertThat(scene.observer.heard("unknown")).hasSize(1);
      scene.open();
      scene.end(ALICE, null);
      assertThat(scene.command(subscribe()).refusal.status()).isEqualTo(404);
      assertThat(scene.observer.heard("unknown")).as("it was here").hasSize(1);
    }

    @Test
    void aPostMayOpenTheSessionForAPollingClient() {
      RecordingReply reply = scene.command(ALICE, null, true, subscribe());
      assertThat(reply.results).isNull();
      scene.cable().welcomes();
      assertThat(reply.outcomes()).containsExactly("ok");
      scene.cable().confirms(CHAT);
      scene.settle();
      assertThat(scene.poll().briefly()).containsExactly("connected");
    }

    @Test
    void subscriptionsAreLimited() {
      SessionHarness small = new SessionHarness(TestLimits.subscriptions(1));
      small.openSubscribed();
      assertThat(small.command(new Command.Subscribe(NEWS)).outcomes())
          .containsExactly("too many subscriptions, at most 1");
    }

    @Test
    void identifiersAreLimitedAllTogether() {
      SessionHarness small = new SessionHarness(TestLimits.subscriptions(2));
      small.openSubscribed();
      Identifier large = new Identifier("{\"x\":\"" + "x".repeat(2_030) + "\"}", "large");
      assertThat(small.command(new Command.Subscribe(large)).outcomes())
          .containsExactly(
              "the identifiers of all subscriptions are larger than 2048 characters together");
      small.command(new Command.Unsubscribe(CHAT));
      assertThat(small.command(new Command.Subscribe(large)).outcomes()).containsExactly("ok");
    }
  }

  @Nested
  class WhoMay {
    private final Caller mallory = caller("https://a.example", "cookie=mallory", "browser-m");

    @Test
    void aStrangerIsRefusedWhateverItAsks() {
      scene.openSubscribed();
      String session = scene.listen().acceptance.sessionId();
      assertThat(scene.listen(mallory, null).refusal.status()).isEqualTo(403);
      assertThat(scene.listen(mallory, session + "-0").refusal.status()).isEqualTo(403);
      assertThat(scene.command(mallory, null, false, send("{}")).refusal.status()).isEqualTo(403);
      assertThat(scene.command(mallory, null, true, send("{}")).refusal.status()).isEqualTo(403);
      assertThat(scene.end(mallory, null).refusal.status()).isEqualTo(403);
      RecordingPoll poll = new RecordingPoll();
      scene.manager.poll(
          new SessionRequest(ID, mallory, Mode.CHANNELS, null), 32, Duration.ZERO, poll);
      assertThat(poll.refusal.status()).isEqualTo(403);
      assertThat(scene.manager.size()).isOne();
    }

    @Test
    void aStrangerDuringTheDialIsRefusedAtOnce() {
      scene.listen();
      assertThat(scene.listen(mallory, null).refusal.status()).isEqualTo(403);
    }

    @Test
    void theSameBrowserPassesWithOtherCookies() {
      scene.open();
      Caller later = caller("https://a.example", "cookie=re-encrypted", "browser-a");
      assertThat(scene.listen(later, null).acceptance).isNotNull();
      assertThat(scene.cable().latest.headers().get(0).value()).isEqualTo("cookie=re-encrypted");
    }

    @Test
    void theSameCredentialsPassFromAnotherBrowserAndBindItsCookie() {
      scene.open();
      assertThat(
              scene.listen(caller("https://a.example", "cookie=alice", "browser-b"), null)
                  .acceptance)
          .isNotNull();
      assertThat(
              scene.listen(caller("https://a.example", "cookie=other", "browser-b"), null)
                  .acceptance)
          .isNotNull();
    }

    @Test
    void anotherOriginIsRefusedWithTheSameCredentials() {
      scene.open();
      assertThat(
              scene
                  .listen(caller("https://b.example", "cookie=alice", "browser-a"), null)
                  .refusal
                  .status())
          .isEqualTo(403);
    }

    @Test
    void withoutABrowsersCookieOnlyCredentialsCount() {
      scene.listen(caller("https://a.example", "cookie=alice", null), null);
      scene.cable().welcomes();
      assertThat(
              scene.listen(caller("https://a.example", "cookie=bob", null), null).refusal.status())
          .isEqualTo(403);
    }

    @Test
    void anotherPathIsAnotherSessionsWhoeverAsks() {
      scene.open();
      Caller elsewhere =
          new Caller(
              ALICE.origin(),
              ALICE.credentials(),
              ALICE.browser(),
              ALICE.address(),
              new DialRequest(List.of(), "/admin/cable", "", List.of()));
      assertThat(scene.listen(elsewhere, null).refusal.status()).isEqualTo(403);
      assertThat(scene.end(elsewhere, null).refusal.status()).isEqualTo(403);
      scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
      scene.settle();
      assertThat(scene.listen(elsewhere, null).refusal.status()).isEqualTo(403);
    }

    @Test
    void theOtherModeIs409ButAStrangers403() {
      scene.open();
      RecordingStream tunnel = scene.listen(new SessionRequest(ID, ALICE, Mode.TUNNEL, null), 0);
      assertThat(tunnel.refusal.status()).isEqualTo(409);
      assertThat(
              scene.listen(new SessionRequest(ID, mallory, Mode.TUNNEL, null), 0).refusal.status())
          .isEqualTo(403);
    }
  }

  @Nested
  class Ending {
    @Test
    void deleteEndsTheSessionAtOnce() {
      RecordingStream stream = scene.openSubscribed();
      RecordingReply reply =
          scene.command(new Command.Subscribe(NEWS), new Command.Send(NEWS, "{}"));
      assertThat(scene.end(ALICE, null).refusal.status()).isEqualTo(204);
      assertThat(stream.briefly()).endsWith("closed ended");
      assertThat(stream.lastId()).isEqualTo(stream.acceptance.sessionId() + "-end");
      assertThat(stream.finished).isTrue();
      assertThat(scene.cable().closeCode).isEqualTo(1000);
      assertThat(reply.outcomes()).containsExactly("ok", "the session has ended");
      assertThat(scene.manager.size()).isZero();
      assertThat(scene.command(subscribe()).refusal.status()).isEqualTo(404);
    }

    @Test
    void deleteIsIdempotent() {
      assertThat(scene.end(ALICE, null).refusal.status()).isEqualTo(204);
      scene.open();
      scene.end(ALICE, null);
      assertThat(scene.end(ALICE, null).refusal.status()).isEqualTo(204);
    }

    @Test
    void aLateFarewellCannotEndTheSuccessor() {
      String old = scene.open().acceptance.sessionId();
      scene.end(ALICE, null);
      scene.open();
      assertThat(scene.end(ALICE, old).refusal.status()).isEqualTo(204);
      assertThat(scene.manager.size()).isOne();
    }

    @Test
    void deleteDuringTheDialEndsIt() {
      RecordingStream stream = scene.listen();
      scene.end(ALICE, null);
      assertThat(stream.refusal.status()).isEqualTo(410);
      assertThat(scene.cable().closeCode).isEqualTo(1000);
    }

    @Test
    void aSessionLingersAfterItsLastListener() {
      RecordingStream stream = scene.openSubscribed();
      stream.leaves();
      scene.pass(Duration.ofSeconds(29));
      assertThat(scene.manager.size()).isOne();
      scene.pass(Duration.ofSeconds(2));
      assertThat(scene.manager.size()).isZero();
      assertThat(scene.cable().closeCode).isEqualTo(1000);
      assertThat(scene.manager.logBytes()).isZero();
    }

    @Test
    void aListenerThatComesBackInTimeKeepsTheSession() {
      RecordingStream stream = scene.open();
      stream.leaves();
      scene.pass(Duration.ofSeconds(20));
      RecordingStream again = scene.listen();
      scene.pass(Duration.ofSeconds(60));
      assertThat(again.acceptance.sessionId()).isEqualTo(stream.acceptance.sessionId());
      assertThat(scene.manager.size()).isOne();
    }

    @Test
    void aDisconnectWithoutReconnectEndsItForGood() {
      RecordingStream stream = scene.openSubscribed();
      scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
      assertThat(stream.briefly()).endsWith("disconnected remote", "closed remote");
      assertThat(stream.finished).isTrue();
      assertThat(scene.listen().refusal.status()).isEqualTo(204);
      assertThat(scene.poll().refusal.status()).isEqualTo(410);
      assertThat(scene.command(subscribe()).refusal.status()).isEqualTo(410);
      scene.pass(Duration.ofSeconds(60));
      assertThat(scene.listen().refusal.status()).isEqualTo(204);
      assertThat(scene.poll().refusal.status()).isEqualTo(410);
      assertThat(scene.command(subscribe()).refusal.status()).isEqualTo(410);
      assertThat(scene.listen(caller("https://a.example", "cookie=m", "m"), null).refusal.status())
          .isEqualTo(403);
      scene.pass(Duration.ofMinutes(5));
      scene.listen();
      assertThat(scene.cables).hasSize(2);
    }

    @Test
    void aCursorThatSaysEndIsAnswered204Always() {
      assertThat(scene.listen("whatever-end").refusal.status()).isEqualTo(204);
      assertThat(scene.cables).isEmpty();
    }

    @Test
    void whoMissedTheEndForGoodStillHearsIt() {
      RecordingStream stream = scene.openSubscribed();
      stream.leaves();
      scene.cable().sends(CHAT, "1");
      scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
      RecordingStream back = scene.listen(stream.lastId());
      assertThat(back.briefly())
          .containsExactly("joined true", "received 1", "disconnected remote", "closed remote");
      assertThat(back.finished).isTrue();
    }

    @Test
    void aPollHearsTheEndAndThen410() {
      RecordingPoll first = scene.poll();
      scene.cable().welcomes();
      scene.command(subscribe());
      scene.cable().confirms(CHAT);
      scene.settle();
      assertThat(first.briefly()).containsExactly("joined false");
      scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
      assertThat(scene.poll().briefly())
          .containsExactly("connected", "disconnected remote", "closed remote");
      assertThat(scene.poll().refusal.status()).isEqualTo(410);
    }
  }

  @Test
  void whatWaitsForItsTurnInAMailboxIsChargedAndRefusedWhereThereIsNoRoom() {
    SessionHarness scene = new SessionHarness();
    scene.openSubscribed();
    String data = "{\"a\":\"" + "x".repeat(60_000) + "\"}";
    long max = scene.account.limit(Kind.COMMAND);
    List<RecordingReply> replies = new ArrayList<>();
    scene.whileSomebodyIsInside(
        () -> {
          for (long bytes = 0; bytes < 2 * max; bytes += data.length()) {
            replies.add(scene.command(new Command.Send(CHAT, data)));
          }
          assertThat(scene.account.used(Kind.COMMAND)).isBetween(max / 2, max);
        });

    assertThat(replies).filteredOn(reply -> reply.refusal != null).isNotEmpty();
    assertThat(replies)
        .filteredOn(reply -> reply.refusal != null)
        .allSatisfy(reply -> assertThat(reply.refusal.status()).isEqualTo(503));
    assertThat(scene.account.used(Kind.COMMAND)).isZero();
  }
}
