package cablestream.cable;

import static cablestream.support.Records.with;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.cable.CableEnding.Kind;
import cablestream.cable.DialRequest.Header;
import cablestream.cable.FakeSockets.Fake;
import cablestream.concurrent.Mailbox;
import cablestream.support.Defaults;
import cablestream.support.FakeTimers;
import cablestream.support.ManualExecutor;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CableConnectionTest {
  private static final DialRequest REQUEST =
      new DialRequest(List.of(new Header("Cookie", "a=1")), "token=x", DialRequest.PROTOCOLS);

  private final ManualExecutor pool = new ManualExecutor();
  private final FakeTimers timers = new FakeTimers(pool);
  private final FakeSockets sockets = new FakeSockets();
  private final CableSettings settings = Defaults.cable(URI.create("ws://rails/cable?v=1"));
  private CableDialer dialer = dialer(settings);
  private final Mailbox mailbox = new Mailbox(pool);
  private final RecordingOwner owner = new RecordingOwner(mailbox);
  private CableConnection cable = new CableConnection(owner, mailbox, Cable.Reader.BRIDGE, dialer);

  @Nested
  class TheFirstDial {
    @Test
    void sendsTheCallersHeadersAndQueryAndAsksForActionCable() {
      open();
      assertThat(sockets.last().url).hasToString("ws://rails/cable?v=1&token=x");
      assertThat(sockets.last().headers).containsExactly(new Header("Cookie", "a=1"));
      assertThat(sockets.last().protocols)
          .containsExactly("actioncable-v1-json", "actioncable-unsupported");
    }

    @Test
    void asksForTheSubprotocolsOfTheRequestIfItNamesAny() {
      inside(() -> cable.open(new DialRequest(List.of(), "", List.of("one", "two")), "192.0.2.1"));
      assertThat(sockets.last().protocols).containsExactly("one", "two");
      assertThat(sockets.last().url).hasToString("ws://rails/cable?v=1");
    }

    @Test
    void isWelcomedByTheServersWelcomeAndNotByTheUpgrade() {
      open();
      sockets.last().opens();
      assertThat(cable.isOpen()).isFalse();
      assertThat(owner.heard()).isEmpty();
      sockets.last().says("{\"type\":\"welcome\"}");
      assertThat(cable.isOpen()).isTrue();
      assertThat(owner.heard()).containsExactly("welcomed");
      assertThat(sockets.last().demanded).as("nothing is demanded yet").isFalse();
    }

    @Test
    void passesOverWhateverComesBeforeTheWelcome() {
      open();
      Fake socket = sockets.last().opens();
      socket.pings();
      socket.says("{\"identifier\":\"{}\",\"message\":1}");
      socket.says("{\"identifier\":\"{}\",\"type\":\"confirm_subscription\"}");
      socket.says("rubbish");
      socket.saysSomethingUnreadable(1003, "binary");
      assertThat(owner.heard()).isEmpty();
      socket.says("{\"type\":\"welcome\"}");
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void refusedForTheCallersSakeIsUnauthorized(int status) {
      open();
      sockets.last().refuses(status);
      assertEnded(Kind.UNAUTHORIZED, "unauthorized");
    }

    @Test
    void refusedOtherwiseTellsTheStatus() {
      open();
      sockets.last().refuses(404);
      assertEnded(Kind.REFUSED, "refused");
      assertThat(owner.ending.error()).contains("404").contains("origin");
    }

    @Test
    void redirectedTellsWhereToWithoutSecrets() {
      open();
      sockets.last().redirects("https://user:pass@app.example/cable?token=x#y");
      assertEnded(Kind.REFUSED, "refused");
      assertThat(owner.ending.error())
          .contains("301")
          .contains("https://app.example/cable")
          .doesNotContain("token")
          .doesNotContain("pass");
    }

    @Test
    void aLocationCanNotForgeALineOfTheLog() {
      open();
      sockets.last().redirects("/a\r\nevent=\"forged\"" + "x".repeat(10_000));
      assertThat(owner.ending.error()).doesNotContain("\n", "\r", "\"").hasSizeLessThan(400);
    }

    @Test
    void thatNobodyAnswersIsUnreachable() {
      open();
      sockets.last().isUnreachable();
      assertEnded(Kind.UNREACHABLE, "unreachable");
      assertThat(owner.ending.error()).contains("connection refused");
      assertThat(owner.ending.closeCode()).isEqualTo(1006);
    }

    @Test
    void lostBeforeTheWelcomeIsUnreachable() {
      open();
      sockets.last().opens().closes(1006, "");
      assertEnded(Kind.UNREACHABLE, "unreachable");
    }

    @Test
    void aDisconnectInsteadOfTheWelcomeIsUnauthorized() {
      open();
      sockets.last().opens().disconnects("unauthorized", false);
      assertEnded(Kind.UNAUTHORIZED, "unauthorized");
      assertThat(sockets.last().calls).containsExactly("close 1000");
    }

    @Test
    void unauthorizedIsTheEndEvenIfItSaysReconnect() {
      open();
      sockets.last().opens().disconnects("unauthorized", true);
      assertEnded(Kind.UNAUTHORIZED, "unauthorized");
    }

    @Test
    void anotherDisconnectBeforeTheWelcomeKeepsItsReason() {
      open();
      sockets.last().opens().disconnects("invalid_request", false);
      assertEnded(Kind.DISCONNECTED, "invalid_request");
    }

    @Test
    void aServerThatIsJustRestartingIsUnreachable() {
      open();
      sockets.last().opens().disconnects("server_restart", true);
      assertEnded(Kind.UNREACHABLE, "unreachable");
    }

    @Test
    void aServerWithoutActionCableIsRefused() {
      open();
      sockets.last().opensWith("actioncable-unsupported");
      assertEnded(Kind.REFUSED, "refused");
      assertThat(sockets.last().calls).containsExactly("close 1000");
    }

    @Test
    void aServerThatChoosesNoSubprotocolIsTriedAllTheSame() {
      open();
      sockets.last().opensWith("").says("{\"type\":\"welcome\"}");
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @Test
    void hasTenSecondsForTheUpgradeAndTheWelcomeTogether() {
      open();
      after(Duration.ofSeconds(7));
      Fake socket = sockets.last().opens();
      after(Duration.ofMillis(2_999));
      assertThat(owner.heard()).isEmpty();
      after(Duration.ofMillis(1));
      assertEnded(Kind.NO_WELCOME, "no_welcome");
      assertThat(socket.calls).containsExactly("close 1000");
    }

    @Test
    void isGivenUpIfTheUpgradeTakesTooLong() {
      open();
      after(Duration.ofSeconds(10));
      assertEnded(Kind.NO_WELCOME, "no_welcome");
      assertThat(sockets.last().calls).containsExactly("abort");
    }

    @Test
    void pingsDoNotReplaceAWelcome() {
      open();
      sockets.last().opens();
      for (int i = 0; i < 3; i++) {
        after(Duration.ofSeconds(3));
        sockets.last().pings();
      }
      after(Duration.ofSeconds(1));
      assertEnded(Kind.NO_WELCOME, "no_welcome");
    }
  }

  @Nested
  class Frames {
    private Fake socket;

    private void welcome() {
      socket = welcomed();
      inside(cable::demand);
    }

    @Test
    void areToldOneForEachDemand() {
      welcome();
      socket.says("{\"identifier\":\"{}\",\"type\":\"confirm_subscription\"}");
      assertThat(socket.demanded).isFalse();
      inside(cable::demand);
      socket.says("{\"identifier\":\"{}\",\"type\":\"reject_subscription\"}");
      inside(cable::demand);
      socket.says("{\"identifier\":\"{}\",\"message\": [1, 2.50] }");
      assertThat(owner.heard())
          .containsExactly("confirmed {}", "rejected {}", "received {} [1, 2.50]");
    }

    @Test
    void ofMessagesCanBeAnyJsonValue() {
      welcome();
      for (String message : List.of("1", "\"a\"", "null", "false", "{}", "[[]]")) {
        socket.says("{\"identifier\":\"{}\",\"message\":" + message + "}");
        assertThat(owner.heard()).containsExactly("received {} " + message);
        inside(cable::demand);
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "{\"type\":\"ping\",\"message\":1733000000}",
          "{\"type\":\"welcome\"}",
          "{\"type\":\"something_new\"}",
          "{\"type\":\"something_new\",\"identifier\":\"{}\"}",
          "{\"type\":\"confirm_subscription\"}",
          "{\"message\":1}",
          "{\"identifier\":{},\"message\":1}",
          "{}"
        })
    void thatAreNotForTheSessionDoNotUseUpItsDemand(String frame) {
      welcome();
      socket.says(frame);
      assertThat(owner.heard()).isEmpty();
      assertThat(socket.demanded).isTrue();
      inside(cable::demand);
      socket.says("{\"identifier\":\"{}\",\"message\":1}");
      assertThat(owner.heard()).containsExactly("received {} 1");
    }

    @Test
    void thatCanNotBeReadAreToldAndTheNextOnesRead() {
      welcome();
      socket.says("{\"identifier\":\"{}\",\"message\":tru}");
      assertThat(owner.heard())
          .containsExactly(
              "unreadable: a frame of 33 bytes that isn't valid JSON in UTF-8, at byte 29");
      inside(cable::demand);
      socket.says("{\"message\":\"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1));
      assertThat(owner.heard()).singleElement().asString().startsWith("unreadable: ");
      inside(cable::demand);
      socket.saysSomethingUnreadable(1009, "too large");
      assertThat(owner.heard()).containsExactly("unreadable: too large");
      inside(cable::demand);
      socket.says("{\"identifier\":\"{}\",\"message\":1}");
      assertThat(owner.heard()).containsExactly("received {} 1");
    }

    @Test
    void areDemandedOnceHoweverOftenTheSessionAsks() {
      welcome();
      inside(cable::demand);
      inside(cable::demand);
      assertThat(socket.demanded).isTrue();
    }

    @Test
    void areNotDemandedOfACableThatIsNotOpen() {
      inside(cable::demand);
      open();
      inside(cable::demand);
      assertThat(sockets.last().demanded).isFalse();
      sockets.last().opens();
      inside(cable::demand);
      sockets.last().says("{\"type\":\"welcome\"}");
      assertThat(sockets.last().demanded).as("demands from before are forgotten").isFalse();
    }

    @Test
    void mayBeDemandedFromWithinTheCallThatTellsOne() {
      welcome();
      owner.then = cable::demand;
      socket.says("{\"identifier\":\"{}\",\"message\":1}");
      socket.says("{\"identifier\":\"{}\",\"message\":2}");
      assertThat(owner.heard()).containsExactly("received {} 1", "received {} 2");
    }

    @Test
    void thatComeWhileTheMailboxIsBusyAreToldWhenItIsNot() {
      welcome();
      inside(
          () -> {
            socket.says("{\"identifier\":\"{}\",\"message\":1}");
            assertThat(owner.heard()).isEmpty();
          });
      assertThat(owner.heard()).containsExactly("received {} 1");
    }
  }

  @Nested
  class Silence {
    @Test
    void ofSixSecondsWhileReadingIsALoss() {
      Fake socket = welcomed();
      inside(cable::demand);
      after(Duration.ofMillis(5_999));
      assertThat(owner.heard()).isEmpty();
      after(Duration.ofMillis(1));
      assertThat(owner.heard()).containsExactly("dropped stale");
      assertThat(socket.calls).containsExactly("close 1000");
      assertThat(cable.isOpen()).isFalse();
    }

    @Test
    void meansNothingWhileNobodyReads() {
      welcomed();
      after(Duration.ofHours(1));
      assertThat(owner.heard()).isEmpty();
      assertThat(cable.isOpen()).isTrue();
    }

    @Test
    void isCountedFromTheDemandAndNotFromTheLastFrame() {
      Fake socket = welcomed();
      inside(cable::demand);
      after(Duration.ofSeconds(5));
      socket.says("{\"identifier\":\"{}\",\"message\":1}");
      owner.heard();
      after(Duration.ofSeconds(20));
      inside(cable::demand);
      after(Duration.ofMillis(5_999));
      assertThat(owner.heard()).isEmpty();
      after(Duration.ofMillis(1));
      assertThat(owner.heard()).containsExactly("dropped stale");
    }

    @Test
    void isBrokenByEachPing() {
      Fake socket = welcomed();
      inside(cable::demand);
      for (int i = 0; i < 20; i++) {
        after(Duration.ofMillis(5_900));
        socket.pings();
      }
      assertThat(owner.heard()).isEmpty();
      after(Duration.ofSeconds(6));
      assertThat(owner.heard()).containsExactly("dropped stale");
    }

    @Test
    void isBrokenByThePartsOfALargeMessage() {
      Fake socket = welcomed();
      inside(cable::demand);
      for (int i = 0; i < 10; i++) {
        after(Duration.ofSeconds(3));
        socket.parts++;
      }
      assertThat(owner.heard()).isEmpty();
      after(Duration.ofSeconds(12));
      assertThat(owner.heard()).containsExactly("dropped stale");
    }

    @Test
    void isNoneWhileSomethingHasComeAndIsYetToBeRead() {
      Fake socket = welcomed();
      inside(cable::demand);
      socket.unread = true;
      after(Duration.ofMinutes(1));
      assertThat(owner.heard()).isEmpty();
      socket.unread = false;
      after(Duration.ofSeconds(12));
      assertThat(owner.heard()).containsExactly("dropped stale");
    }

    @Test
    void thatAFrameBreaksAtTheLastMomentIsNone() {
      Fake socket = welcomed();
      inside(cable::demand);
      inside(
          () -> {
            timers.advance(Duration.ofSeconds(6)); // the alarm fires, and its task has to wait
            socket.pings();
          });
      pool.runAll();
      assertThat(owner.heard()).containsExactly("dropped stale");
      // The alarm came first. In the other order:
      Fake next = welcomedAgain();
      inside(cable::demand);
      inside(
          () -> {
            next.pings();
            timers.advance(Duration.ofSeconds(6));
          });
      pool.runAll();
      assertThat(owner.heard()).isEmpty();
      assertThat(cable.isOpen()).isTrue();
    }

    @Test
    void needsNoTimerForEachFrame() {
      Fake socket = welcomed();
      inside(cable::demand);
      for (int i = 0; i < 1_000; i++) {
        socket.pings();
      }
      assertThat(timers.pending()).isEqualTo(1);
    }
  }

  @Nested
  class ALostCable {
    @Test
    void isToldAndDialledAgainAfterAWhile() {
      welcomed().closes(1006, "");
      assertThat(owner.heard()).containsExactly("dropped lost");
      assertThat(sockets.count()).isEqualTo(1);
      after(Duration.ofMillis(374));
      assertThat(sockets.count()).isEqualTo(1);
      after(Duration.ofMillis(1));
      assertThat(sockets.count()).isEqualTo(2);
      sockets.last().welcomes();
      assertThat(owner.heard()).containsExactly("welcomed");
      assertThat(cable.isOpen()).isTrue();
    }

    @Test
    void isDialledWithTheLatestHeadersAndQuery() {
      Fake first = welcomed();
      inside(
          () ->
              cable.use(
                  new DialRequest(
                      List.of(new Header("Cookie", "a=2")), "token=y", DialRequest.PROTOCOLS)));
      first.closes(1006, "");
      after(Duration.ofSeconds(1));
      assertThat(sockets.last().headers).containsExactly(new Header("Cookie", "a=2"));
      assertThat(sockets.last().url).hasToString("ws://rails/cable?v=1&token=y");
    }

    @Test
    void isDialledMoreAndMoreSeldomWhileTheServerIsThereForOthers() {
      other().welcomes();
      welcomed().closes(1006, "");
      owner.heard();
      List<Duration> waits = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        waits.add(untilDialled());
        dialer.outcomes().received(); // on the other cable
        switch (i % 4) {
          case 0 -> sockets.last().isUnreachable();
          case 1 -> sockets.last().refuses(i == 1 ? 404 : 503);
          case 2 -> sockets.last().opens().closes(1006, "");
          default -> sockets.last().opens().disconnects("server_restart", true);
        }
      }
      assertThat(waits.stream().map(Duration::toMillis))
          .containsExactly(375L, 750L, 1500L, 3000L, 6000L, 12000L, 22500L, 22500L, 22500L);
      assertThat(owner.heard()).as("one loss is told once").isEmpty();
      untilDialled();
      sockets.last().welcomes();
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @Test
    void isDialledOnceASecondWhileTheServerIsDown() {
      welcomed().closes(1006, "");
      owner.heard();
      untilDialled();
      for (int i = 0; i < 100; i++) {
        sockets.last().isUnreachable();
        assertThat(untilDialled()).isEqualTo(Duration.ofSeconds(1));
      }
      sockets.last().welcomes();
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @Test
    void isBackedOffFromWhenItsServerWelcomesAndFallsOver() {
      welcomed().closes(1006, "");
      untilDialled();
      sockets.last().welcomes();
      sockets.last().closes(1006, "");
      assertThat(untilDialled()).isEqualTo(Duration.ofMillis(750));
      sockets.last().welcomes();
      after(Duration.ofSeconds(30));
      sockets.last().closes(1006, "");
      assertThat(untilDialled()).as("it had lived").isEqualTo(Duration.ofMillis(375));
    }

    @Test
    void isTriedAgainWhenNoWelcomeComesOnComingBack() {
      welcomed().closes(1006, "");
      owner.heard();
      untilDialled();
      Fake silent = sockets.last().opens();
      after(Duration.ofSeconds(10));
      assertThat(silent.calls).containsExactly("close 1000");
      assertThat(owner.heard()).isEmpty();
      assertThat(sockets.count()).as("the gate holds it back, as all others").isEqualTo(3);
    }

    @Test
    void isBackedOffFromWhenNoWelcomeComesAlthoughTheServerWelcomesOthers() {
      Fake mine = welcomed();
      mine.closes(1006, "");
      untilDialled();
      sockets.last().opens();
      other().welcomes();
      after(Duration.ofSeconds(10));
      assertThat(sockets.count()).isEqualTo(3);
      assertThat(untilDialled()).isEqualTo(Duration.ofMillis(750));
    }

    @Test
    void byADisconnectWithReconnectKeepsTheServersReason() {
      Fake socket = welcomed();
      inside(cable::demand);
      socket.disconnects("server_restart", true);
      assertThat(owner.heard()).containsExactly("dropped server_restart");
      assertThat(socket.calls).containsExactly("close 1000");
      untilDialled();
      sockets.last().welcomes();
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @Test
    void byADisconnectWithoutReconnectIsOver() {
      Fake socket = welcomed();
      inside(cable::demand);
      socket.disconnects("remote", false);
      assertEnded(Kind.DISCONNECTED, "remote");
      assertThat(socket.calls).containsExactly("close 1000");
    }

    @Test
    void byAnUnauthorizedThatMayComeAgainIsDialledAgain() {
      Fake socket = welcomed();
      inside(cable::demand);
      socket.disconnects("unauthorized", true);
      assertThat(owner.heard()).containsExactly("dropped unauthorized");
    }

    @Test
    void byAnUnauthorizedThatMayNotIsOver() {
      Fake socket = welcomed();
      inside(cable::demand);
      socket.disconnects("unauthorized", false);
      assertEnded(Kind.UNAUTHORIZED, "unauthorized");
    }

    @ParameterizedTest
    @CsvSource({"{\"type\":\"disconnect\"}", "'{\"type\":\"disconnect\",\"reconnect\":\"true\"}'"})
    void withoutAClearReconnectIsOverAsForTheJavaScriptClient(String frame) {
      Fake socket = welcomed();
      inside(cable::demand);
      socket.says(frame);
      assertEnded(Kind.DISCONNECTED, "disconnect");
    }

    @Test
    void withAnEndlessReasonIsToldABitOfIt() {
      Fake socket = welcomed();
      inside(cable::demand);
      socket.disconnects("x".repeat(1_000_000), true);
      assertThat(owner.heard()).containsExactly("dropped " + "x".repeat(256));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void refusedOnComingBackIsOver(int status) {
      welcomed().closes(1006, "");
      owner.heard();
      untilDialled();
      sockets.last().refuses(status);
      assertEnded(Kind.UNAUTHORIZED, "unauthorized");
    }

    @Test
    void unauthorizedOnComingBackIsOver() {
      welcomed().closes(1006, "");
      owner.heard();
      untilDialled();
      sockets.last().opens().disconnects("unauthorized", false);
      assertEnded(Kind.UNAUTHORIZED, "unauthorized");
    }

    @Test
    void disconnectedOnComingBackIsOver() {
      welcomed().closes(1006, "");
      owner.heard();
      untilDialled();
      sockets.last().opens().disconnects("remote", false);
      assertEnded(Kind.DISCONNECTED, "remote");
    }

    @Test
    void isNotReadUntilItIsWelcomedAgainAndDemanded() {
      Fake first = welcomed();
      inside(cable::demand);
      first.closes(1006, "");
      inside(cable::demand);
      Fake second = welcomedAgain();
      assertThat(second.demanded).isFalse();
      inside(cable::demand);
      second.says("{\"identifier\":\"{}\",\"message\":1}");
      assertThat(owner.heard()).containsExactly("received {} 1");
    }
  }

  @Nested
  class AnOldSocket {
    @Test
    void isNotHeardAfterItWentStale() {
      Fake old = welcomed();
      inside(cable::demand);
      after(Duration.ofSeconds(6));
      owner.heard();
      old.says("{\"identifier\":\"{}\",\"message\":\"late\"}");
      old.closes(1000, "");
      assertThat(owner.heard()).isEmpty();
      Fake fresh = welcomedAgain();
      inside(cable::demand);
      old.events.text(
          "{\"type\":\"disconnect\",\"reconnect\":false}".getBytes(StandardCharsets.UTF_8));
      old.events.unreadable(1009, "late");
      old.events.closed(1006, "late");
      assertThat(owner.heard()).isEmpty();
      assertThat(cable.isOpen()).isTrue();
      assertThat(fresh.calls).isEmpty();
    }

    @Test
    void thatOpensAfterItWasGivenUpIsClosed() {
      welcomed().closes(1006, "");
      untilDialled();
      Fake late = sockets.last();
      after(Duration.ofSeconds(10));
      assertThat(late.calls).containsExactly("abort");
      late.opens();
      assertThat(late.calls).containsExactly("abort", "close 1000");
      late.events.refused(403, null);
      late.events.unreachable("late");
      assertThat(owner.heard()).containsExactly("dropped lost");
    }

    @Test
    void canNotFinishSendsOfANewOne() {
      Fake old = welcomed();
      List<String> done = new ArrayList<>();
      inside(() -> cable.send("a", why -> done.add("a " + why)));
      old.closes(1006, "");
      assertThat(done).containsExactly("a lost");
      welcomedAgain();
      inside(() -> cable.send("b", why -> done.add("b " + why)));
      old.takes();
      assertThat(done).containsExactly("a lost");
      assertThat(cable.unsentBytes()).isEqualTo(1);
    }
  }

  @Nested
  class Sending {
    private final List<String> done = new ArrayList<>();

    private void send(String frame) {
      inside(() -> cable.send(frame, why -> done.add(frame + (why == null ? "" : ": " + why))));
    }

    @Test
    void handsTheSocketOneMessageAtATimeInOrder() {
      Fake socket = welcomed();
      send("a");
      send("žž");
      send("c");
      assertThat(socket.calls).containsExactly("a");
      assertThat(cable.unsentBytes()).isEqualTo(6);
      socket.takes();
      assertThat(done).containsExactly("a");
      assertThat(socket.calls).containsExactly("a", "žž");
      assertThat(cable.unsentBytes()).isEqualTo(5);
      socket.takes();
      socket.takes();
      assertThat(done).containsExactly("a", "žž", "c");
      assertThat(cable.unsentBytes()).isZero();
    }

    @Test
    void tellsWhatTheSocketCouldNotTake() {
      Fake socket = welcomed();
      send("a");
      socket.failsToTake("broken pipe");
      assertThat(done).containsExactly("a: broken pipe");
      assertThat(cable.unsentBytes()).isZero();
    }

    @Test
    void failsAtOnceOnACableThatIsNotOpen() {
      send("idle");
      open();
      send("connecting");
      sockets.last().opens();
      send("awaiting");
      sockets.last().says("{\"type\":\"welcome\"}");
      sockets.last().closes(1006, "");
      send("backing off");
      inside(() -> cable.close(1000, ""));
      send("closed");
      assertThat(done)
          .containsExactly(
              "idle: the cable is down",
              "connecting: the cable is down",
              "awaiting: the cable is down",
              "backing off: the cable is down",
              "closed: the cable is down");
      assertThat(sockets.last().calls).isEmpty();
    }

    @Test
    void failsForAllThatIsQueuedWhenTheCableIsLost() {
      Fake socket = welcomed();
      send("a");
      send("b");
      socket.closes(1006, "");
      assertThat(done).containsExactly("a: lost", "b: lost");
      assertThat(cable.unsentBytes()).isZero();
      socket.failsToTake("closed");
      assertThat(done).as("each is told once").hasSize(2);
    }

    @Test
    void failsForAllThatIsQueuedWhenTheServerEndsIt() {
      Fake socket = welcomed();
      inside(cable::demand);
      send("a");
      send("b");
      socket.disconnects("remote", false);
      assertThat(done).containsExactly("a: remote", "b: remote");
    }

    @Test
    void mayCauseAClose() {
      Fake socket = welcomed();
      inside(() -> cable.send("a", why -> cable.close(1000, "enough")));
      send("b");
      socket.takes();
      assertThat(socket.calls).containsExactly("a", "b", "close 1000");
      socket.takes();
      assertThat(done).containsExactly("b");
    }

    @Test
    void thatFailsWithALossMayCauseAClose() {
      Fake socket = welcomed();
      inside(() -> cable.send("a", why -> cable.close(1000, "enough")));
      socket.closes(1006, "");
      after(Duration.ofMinutes(1));
      assertThat(sockets.count()).as("not dialled again").isEqualTo(1);
      assertThat(owner.heard()).containsExactly("dropped lost");
    }
  }

  @Nested
  class Closing {
    @Test
    void writesWhatIsQueuedAndThenCloses() {
      Fake socket = welcomed();
      List<String> done = new ArrayList<>();
      for (String frame : List.of("a", "b", "c")) {
        inside(() -> cable.send(frame, why -> done.add(frame + " " + why)));
      }
      inside(() -> cable.close(1001, "draining"));
      assertThat(socket.calls).containsExactly("a", "b", "c", "close 1001");
      socket.takes();
      socket.takes();
      socket.failsToTake("closed");
      assertThat(done).containsExactly("a null", "b null", "c closed");
    }

    @Test
    void isHeardNoMoreOf() {
      Fake socket = welcomed();
      inside(cable::demand);
      inside(() -> cable.close(1000, ""));
      socket.says("{\"identifier\":\"{}\",\"message\":1}");
      socket.closes(1000, "");
      after(Duration.ofMinutes(10));
      assertThat(owner.heard()).isEmpty();
      assertThat(sockets.count()).isEqualTo(1);
      assertThat(timers.pending()).isZero();
    }

    @Test
    void twiceIsOnce() {
      Fake socket = welcomed();
      inside(() -> cable.close(1000, ""));
      inside(() -> cable.close(1001, ""));
      assertThat(socket.calls).containsExactly("close 1000");
    }

    @Test
    void beforeTheDialMakesNone() {
      inside(() -> cable.close(1000, ""));
      assertThat(sockets.count()).isZero();
      assertThat(cable.isOpen()).isFalse();
    }

    @Test
    void duringTheDialGivesItUp() {
      open();
      inside(() -> cable.close(1000, ""));
      assertThat(sockets.last().calls).containsExactly("abort");
      sockets.last().opens();
      assertThat(sockets.last().calls).containsExactly("abort", "close 1000");
      assertThat(owner.heard()).isEmpty();
      assertThat(timers.pending()).isZero();
    }

    @Test
    void beforeTheWelcomeClosesCleanly() {
      open();
      sockets.last().opens();
      inside(() -> cable.close(1001, ""));
      assertThat(sockets.last().calls).containsExactly("close 1001");
      sockets.last().says("{\"type\":\"welcome\"}");
      assertThat(owner.heard()).isEmpty();
    }

    @Test
    void whileBackingOffDialsNoMore() {
      welcomed().closes(1006, "");
      owner.heard();
      inside(() -> cable.close(1000, ""));
      after(Duration.ofMinutes(1));
      assertThat(sockets.count()).isEqualTo(1);
      assertThat(timers.pending()).isZero();
    }

    @Test
    void inTheSameTurnAsTheEndOfTheBackoffDialsNoMore() {
      welcomed().closes(1006, "");
      inside(
          () -> {
            timers.advance(Duration.ofSeconds(1)); // the alarm's task has to wait
            cable.close(1000, "");
          });
      pool.runAll();
      assertThat(sockets.count()).isEqualTo(1);
    }

    @Test
    void inTheSameTurnAsTheWelcomeWins() {
      open();
      Fake socket = sockets.last().opens();
      inside(
          () -> {
            socket.says("{\"type\":\"welcome\"}"); // it waits for the mailbox
            cable.close(1000, "");
          });
      assertThat(owner.heard()).isEmpty();
      assertThat(socket.calls).containsExactly("close 1000");
    }

    @Test
    void fromWithinWelcomedIsHeeded() {
      owner.then = () -> cable.close(1000, "");
      Fake socket = welcomedSocket();
      assertThat(owner.heard()).containsExactly("welcomed");
      assertThat(socket.calls).containsExactly("close 1000");
    }

    @Test
    void fromWithinDroppedIsHeeded() {
      Fake socket = welcomed();
      owner.then = () -> cable.close(1000, "");
      socket.closes(1006, "");
      after(Duration.ofMinutes(1));
      assertThat(sockets.count()).isEqualTo(1);
      assertThat(owner.heard()).containsExactly("dropped lost");
    }
  }

  @Nested
  class Races {
    @Test
    void aWelcomeInTheSameTurnAsTheLimitCountsIfItCameFirst() {
      open();
      Fake socket = sockets.last().opens();
      inside(
          () -> {
            socket.says("{\"type\":\"welcome\"}");
            timers.advance(Duration.ofSeconds(10));
          });
      pool.runAll();
      assertThat(owner.heard()).containsExactly("welcomed");
      assertThat(cable.isOpen()).isTrue();
    }

    @Test
    void aWelcomeInTheSameTurnAsTheLimitIsTooLateIfItCameSecond() {
      open();
      Fake socket = sockets.last().opens();
      inside(
          () -> {
            timers.advance(Duration.ofSeconds(10));
            socket.says("{\"type\":\"welcome\"}");
          });
      pool.runAll();
      assertEnded(Kind.NO_WELCOME, "no_welcome");
    }

    @Test
    void aLossAndSilenceTogetherAreOneLoss() {
      Fake socket = welcomed();
      inside(cable::demand);
      inside(
          () -> {
            timers.advance(Duration.ofSeconds(6));
            socket.closes(1006, "");
          });
      pool.runAll();
      assertThat(owner.heard()).hasSize(1);
      untilDialled();
      assertThat(sockets.count()).isEqualTo(2);
    }

    @Test
    void aDisconnectAndTheCloseThatFollowsAreOneLoss() {
      Fake socket = welcomed();
      inside(cable::demand);
      socket.disconnects("server_restart", true);
      socket.closes(1000, "");
      assertThat(owner.heard()).containsExactly("dropped server_restart");
      untilDialled();
      assertThat(sockets.count()).isEqualTo(2);
    }
  }

  @Nested
  class TheGate {
    private final List<CableConnection> others = new ArrayList<>();

    private void crowd(int dials) {
      for (int i = 0; i < dials; i++) {
        Mailbox theirs = new Mailbox(pool);
        RecordingOwner nobody = new RecordingOwner(theirs);
        CableConnection other = new CableConnection(nobody, theirs, Cable.Reader.BRIDGE, dialer);
        theirs.run(() -> other.open(REQUEST, "192.0.2.1"));
        pool.runAll();
        others.add(other);
      }
    }

    private void narrow(int dials, int waiting) {
      dialer = dialer(settings(dials, waiting));
      cable = new CableConnection(owner, mailbox, Cable.Reader.BRIDGE, dialer);
    }

    @Test
    void letsAFirstDialWaitForItsTurn() {
      narrow(1, 1);
      crowd(1);
      open();
      assertThat(sockets.count()).isEqualTo(1);
      sockets.last().welcomes();
      pool.runAll();
      assertThat(sockets.count()).isEqualTo(2);
      sockets.last().welcomes();
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @Test
    void givesAFirstDialItsTenSecondsFromItsTurn() {
      narrow(1, 1);
      crowd(1);
      open();
      after(Duration.ofSeconds(9));
      sockets.last().welcomes();
      pool.runAll();
      after(Duration.ofSeconds(9));
      sockets.last().welcomes();
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @Test
    void endsAFirstDialThatWaitedTooLong() {
      dialer =
          dialer(
              with(
                  with(settings(1, 1), "dialling.turn", Duration.ofSeconds(10)),
                  "timeouts.welcome",
                  Duration.ofSeconds(30)));
      cable = new CableConnection(owner, mailbox, Cable.Reader.BRIDGE, dialer);
      crowd(1);
      open();
      after(Duration.ofSeconds(10));
      assertEnded(Kind.BUSY, "busy");
      assertThat(dialer.gate().accepts()).as("its place in the queue is free").isTrue();
      sockets.last().welcomes();
      pool.runAll();
      assertThat(sockets.count()).isEqualTo(1);
    }

    @Test
    void endsAFirstDialAtOnceWhenTooManyWait() {
      narrow(1, 1);
      crowd(2);
      open();
      assertEnded(Kind.BUSY, "busy");
    }

    @Test
    void endsAFirstDialAtOnceWhosePathIsNotAllowed() {
      inside(
          () ->
              cable.open(
                  new DialRequest(List.of(), "/admin/cable", "", DialRequest.PROTOCOLS),
                  "192.0.2.1"));
      assertThat(owner.heard()).containsExactly("ended PATH_NOT_ALLOWED path_not_allowed");
      assertThat(owner.ending.error()).contains("/admin/cable", "cable.paths");
      assertThat(owner.ending.kind().status()).isEqualTo(403);
      assertThat(sockets.count()).isZero();
      assertThat(dialer.gate().accepts()).isTrue();
    }

    @Test
    void neverEndsARedialHoweverLongItWaits() {
      narrow(1, 1);
      Fake mine = welcomed();
      crowd(2);
      mine.closes(1006, "");
      for (int i = 0; i < 100; i++) {
        after(Duration.ofSeconds(10)); // the others' dials fail one after another
        crowd(1);
      }
      assertThat(owner.heard()).containsExactly("dropped lost");
      assertThat(cable.isOpen()).isFalse();
      for (int i = 0; i < 10; i++) {
        after(Duration.ofSeconds(10));
      }
      sockets.last().welcomes();
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @Test
    void isLeftByAnyOutcome() {
      narrow(1, 0);
      for (int outcome = 0; outcome < 6; outcome++) {
        assertThat(dialer.gate().accepts()).as("before %d", outcome).isTrue();
        cable = new CableConnection(owner, mailbox, Cable.Reader.BRIDGE, dialer);
        open();
        assertThat(dialer.gate().accepts()).isFalse();
        switch (outcome) {
          case 0 -> sockets.last().welcomes();
          case 1 -> sockets.last().refuses(404);
          case 2 -> sockets.last().isUnreachable();
          case 3 -> sockets.last().opens().closes(1006, "");
          case 4 -> after(Duration.ofSeconds(10));
          default -> inside(() -> cable.close(1000, ""));
        }
      }
      assertThat(dialer.gate().accepts()).isTrue();
    }

    @Test
    void isLeftByASessionThatClosesWhileItWaits() {
      narrow(1, 1);
      crowd(1);
      open();
      inside(() -> cable.close(1000, ""));
      assertThat(dialer.gate().accepts()).isTrue();
      sockets.last().welcomes();
      pool.runAll();
      assertThat(sockets.count()).isEqualTo(1);
    }

    @Test
    void dialsNothingIfTheTurnComesInTheSameMomentAsTheClose() {
      narrow(1, 1);
      crowd(1);
      open();
      Fake theirs = sockets.last();
      inside(
          () -> {
            theirs.welcomes(); // our turn is posted, and waits for the mailbox
            cable.close(1000, "");
          });
      pool.runAll();
      assertThat(sockets.count()).isEqualTo(1);
      assertThat(dialer.gate().accepts()).isTrue();
    }
  }

  @Nested
  class ATunnel {
    private final DialRequest request =
        new DialRequest(List.of(), "", List.of("actioncable-v1-json", "token-17"));

    private Fake openTunnel() {
      cable = new CableConnection(owner, mailbox, Cable.Reader.CLIENT, dialer);
      inside(() -> cable.open(request, "192.0.2.1"));
      return sockets.last();
    }

    private Fake opened() {
      Fake socket = openTunnel().opens();
      assertThat(owner.heard()).containsExactly("welcomed");
      inside(cable::demand);
      return socket;
    }

    @Test
    void isWelcomedByTheUpgrade() {
      Fake socket = openTunnel();
      assertThat(socket.protocols).containsExactly("actioncable-v1-json", "token-17");
      socket.opens();
      assertThat(owner.heard()).containsExactly("welcomed");
      assertThat(cable.isOpen()).isTrue();
      assertThat(socket.demanded).isFalse();
    }

    @Test
    void carriesEveryFrameAsItCame() {
      Fake socket = opened();
      for (String frame :
          List.of("{\"type\":\"welcome\"}", "{ \"type\":\"ping\" }", "not JSON: žluť 🐎", "")) {
        socket.says(frame);
        assertThat(owner.heard()).containsExactly("frame " + frame);
        assertThat(socket.demanded).isFalse();
        inside(cable::demand);
      }
    }

    @Test
    void carriesTheDisconnectAndThenTheClose() {
      Fake socket = opened();
      socket.disconnects("unauthorized", false);
      inside(cable::demand);
      socket.closes(1000, "bye");
      assertThat(owner.heard())
          .containsExactly(
              "frame {\"type\":\"disconnect\",\"reason\":\"unauthorized\",\"reconnect\":false}",
              "ended CLOSED closed");
      assertThat(owner.ending.closeCode()).isEqualTo(1000);
      assertThat(owner.ending.closeReason()).isEqualTo("bye");
    }

    @Test
    void isNotDialledAgain() {
      opened().closes(1006, "");
      assertEnded(Kind.CLOSED, "closed");
      assertThat(owner.ending.closeCode()).isEqualTo(1006);
      after(Duration.ofMinutes(10));
      assertThat(sockets.count()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"token-17", "", "actioncable-unsupported"})
    void endsIfTheServerChoosesAnotherSubprotocol(String chosen) {
      Fake socket = openTunnel().opensWith(chosen);
      assertEnded(Kind.CLOSED, "closed");
      assertThat(socket.calls).containsExactly("close 1002");
    }

    @Test
    void keepsItsTurnUntilTheServersFirstFrame() {
      dialer = dialer(settings(1, 1));
      Fake mine = openTunnel().opens();
      inside(cable::demand);
      CableConnection first = cable;
      cable = new CableConnection(owner, mailbox, Cable.Reader.BRIDGE, dialer);
      open();
      assertThat(sockets.count()).as("Rails runs connect after the upgrade").isEqualTo(1);
      mine.says("{\"type\":\"welcome\"}");
      pool.runAll();
      assertThat(sockets.count()).isEqualTo(2);
      inside(() -> first.close(1000, ""));
    }

    @Test
    void hasItsSilenceCountedAgainstTheServer() {
      openTunnel().opens();
      inside(cable::demand);
      after(Duration.ofSeconds(10));
      assertThat(owner.heard()).containsExactly("welcomed", "ended NO_WELCOME no_welcome");
      assertThat(dialer.figures().dialLimit()).isEqualTo(2);
    }

    @Test
    void keepsItsTurnForTwentySecondsWhereNobodyReads() {
      dialer = dialer(settings(1, 1));
      openTunnel().opens();
      cable = new CableConnection(owner, mailbox, Cable.Reader.BRIDGE, dialer);
      open();
      after(Duration.ofMillis(19_999));
      assertThat(sockets.count()).isEqualTo(1);
      after(Duration.ofMillis(1));
      assertThat(sockets.count()).isEqualTo(2);
    }

    @Test
    void endsWithItsKindWhenTheDialFails() {
      openTunnel().refuses(403);
      assertEnded(Kind.UNAUTHORIZED, "unauthorized");
      openTunnel().refuses(404);
      assertEnded(Kind.REFUSED, "refused");
      openTunnel().isUnreachable();
      assertEnded(Kind.UNREACHABLE, "unreachable");
      after(Duration.ofSeconds(1));
      openTunnel();
      after(Duration.ofSeconds(10));
      assertEnded(Kind.NO_WELCOME, "no_welcome");
    }

    @Test
    void hasTenSecondsToTheServersFirstFrame() {
      Fake socket = opened();
      after(Duration.ofMillis(9_999));
      assertThat(owner.heard()).isEmpty();
      after(Duration.ofMillis(1));
      assertEnded(Kind.NO_WELCOME, "no_welcome");
      assertThat(socket.calls).containsExactly("close 1000");
    }

    @Test
    void isStaleAfterSixSecondsFromThenOn() {
      Fake socket = opened();
      after(Duration.ofSeconds(9));
      socket.says("{\"type\":\"welcome\"}");
      owner.heard();
      inside(cable::demand);
      after(Duration.ofMillis(5_750));
      assertThat(owner.heard()).isEmpty();
      after(Duration.ofMillis(250));
      assertEnded(Kind.CLOSED, "closed");
      assertThat(owner.ending.closeCode()).isEqualTo(1006);
    }

    @Test
    void isStaleAfterSixSecondsAlsoWhereItsFirstFrameCameSoon() {
      Fake socket = opened();
      socket.says("{\"type\":\"welcome\"}");
      owner.heard();
      inside(cable::demand);
      after(Duration.ofMillis(5_999));
      assertThat(owner.heard()).isEmpty();
      after(Duration.ofMillis(1));
      assertEnded(Kind.CLOSED, "closed");
      assertThat(owner.ending.closeCode()).isEqualTo(1006);
    }

    @Test
    void isNeitherUnwelcomeNorStaleWhileNobodyReads() {
      openTunnel().opens();
      after(Duration.ofHours(1));
      assertThat(owner.heard()).containsExactly("welcomed");
    }

    @Test
    void endsOnAFrameThatIsNotUtf8() {
      Fake socket = opened();
      socket.says("\u00ff".getBytes(StandardCharsets.ISO_8859_1));
      assertEnded(Kind.CLOSED, "closed");
      assertThat(owner.ending.closeCode()).isEqualTo(1007);
      assertThat(socket.calls).containsExactly("close 1007");
    }

    @Test
    void endsOnAFrameThatCanNotBeDelivered() {
      Fake socket = opened();
      socket.saysSomethingUnreadable(1009, "too large");
      assertEnded(Kind.CLOSED, "closed");
      assertThat(owner.ending.closeCode()).isEqualTo(1009);
      assertThat(socket.calls).containsExactly("close 1009");
    }

    @Test
    void sendsFramesBeforeTheServersFirst() {
      Fake socket = opened();
      List<String> done = new ArrayList<>();
      inside(() -> cable.send("{\"command\":\"subscribe\"}", done::add));
      assertThat(socket.calls).containsExactly("{\"command\":\"subscribe\"}");
      socket.takes();
      assertThat(done).hasSize(1).containsOnlyNulls();
    }
  }

  // ---- shorthand ----

  /** Another session's dial. */
  private Fake other() {
    Mailbox theirs = new Mailbox(pool);
    CableConnection other =
        new CableConnection(new RecordingOwner(theirs), theirs, Cable.Reader.BRIDGE, dialer);
    theirs.run(() -> other.open(REQUEST, "192.0.2.2"));
    pool.runAll();
    return sockets.last();
  }

  private void open() {
    inside(() -> cable.open(REQUEST, "192.0.2.1"));
  }

  private Fake welcomed() {
    Fake socket = welcomedSocket();
    assertThat(owner.heard()).containsExactly("welcomed");
    return socket;
  }

  private Fake welcomedSocket() {
    open();
    return sockets.last().welcomes();
  }

  private Fake welcomedAgain() {
    untilDialled();
    owner.heard();
    Fake socket = sockets.last().welcomes();
    assertThat(owner.heard()).containsExactly("welcomed");
    return socket;
  }

  /** Advances time until the next dial, and returns how long that was. */
  private Duration untilDialled() {
    int before = sockets.count();
    long since = timers.nanoTime();
    while (sockets.count() == before) {
      after(Duration.ofMillis(1));
      assertThat(timers.nanoTime() - since).isLessThan(Duration.ofMinutes(1).toNanos());
    }
    return Duration.ofNanos(timers.nanoTime() - since);
  }

  @Nested
  class WhatIsCounted {
    @Test
    void aWelcomeOfTheFirstDialWithItsTime() {
      open();
      after(Duration.ofMillis(30));
      sockets.last().welcomes();
      assertThat(owner.dials).containsExactly("welcomed after 30 ms");
    }

    @Test
    void aDialAgainOnItsOwn() {
      open();
      sockets.last().welcomes();
      sockets.last().closes(1006, "");
      untilDialled();
      sockets.last().welcomes();
      assertThat(owner.dials).containsExactly("welcomed after 0 ms", "welcomed after 0 ms");
    }

    @Test
    void aTunnelsDialUpToItsUpgrade() {
      cable = new CableConnection(owner, mailbox, Cable.Reader.CLIENT, dialer);
      inside(() -> cable.open(REQUEST, "192.0.2.1"));
      after(Duration.ofMillis(20));
      sockets.last().opens();
      assertThat(owner.dials).containsExactly("welcomed after 20 ms");
    }

    @ParameterizedTest
    @CsvSource({"401,UNAUTHORIZED", "404,REFUSED"})
    void aRefusalByItsKind(int status, Kind kind) {
      open();
      sockets.last().refuses(status);
      assertThat(owner.dials).containsExactly(kind + " after 0 ms");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCableIsLiveFromItsWelcomeToItsEndHoweverItEnds(boolean lost) {
      open();
      sockets.last().opens();
      assertThat(dialer.outcomes().live()).isZero();
      sockets.last().says("{\"type\":\"welcome\"}");
      assertThat(dialer.outcomes().live()).isEqualTo(1);
      if (lost) {
        sockets.last().closes(1006, "");
      } else {
        inside(() -> cable.close(1000, ""));
      }
      assertThat(dialer.outcomes().live()).isZero();
    }

    @Test
    void aServerThatTurnsACallerAwayAfterTheWelcomeIsNoDial() {
      open();
      sockets.last().welcomes();
      owner.dials.clear();
      inside(cable::demand);
      sockets.last().disconnects("remote", false);
      assertThat(owner.dials).isEmpty();
    }
  }

  private void after(Duration time) {
    timers.advance(time);
    pool.runAll();
  }

  private void inside(Runnable task) {
    mailbox.run(task);
    pool.runAll();
  }

  private void assertEnded(Kind kind, String reason) {
    assertThat(owner.heard()).containsExactly("ended " + kind + " " + reason);
    assertThat(cable.isOpen()).isFalse();
    assertThat(sockets.last().writing).isEmpty();
  }

  private CableDialer dialer(CableSettings settings) {
    return new CableDialer(settings, sockets, timers, () -> 0.5);
  }

  private CableSettings settings(int dials, int waiting) {
    return with(with(settings, "dialling.max", dials), "dialling.maxWaiting", waiting);
  }
}
