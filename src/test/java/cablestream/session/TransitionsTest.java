package cablestream.session;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Caller;
import cablestream.browser.Digest;
import cablestream.cable.CableEnding;
import cablestream.cable.DialRequest;
import cablestream.cable.DialRequest.Header;
import cablestream.environment.Transitions;
import cablestream.environment.Transitions.Transition;
import cablestream.support.RecordedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** An operator can see a session's past, without payloads or secrets. */
class TransitionsTest {
  /** Held here, because loggers are held weakly. */
  private final Logger logger = Logger.getLogger(Transitions.class.getName());

  @AutoClose private final RecordedLog log = RecordedLog.of(Transitions.class);
  private final SessionHarness scene = new SessionHarness();

  @AfterEach
  void logAsBefore() {
    logger.setLevel(null);
  }

  @Test
  void theStepsOfASessionAreKeptWithTheirTimes() {
    RecordingStream stream = scene.openSubscribed();
    scene.cable().sends(SessionHarness.CHAT, "1");
    scene.pass(Duration.ofSeconds(2));
    scene.cable().breaks("server_restart");
    scene.cable().welcomes();
    scene.cable().rejects(SessionHarness.CHAT);
    scene.command(SessionHarness.send("1"));
    stream.attachment.gone();
    scene.settle();
    scene.listen(SessionHarness.MALLORY, null);
    scene.poll();
    scene.poll();

    assertThat(transitions().stream().map(TransitionsTest::words))
        .containsExactly(
            "opened eventsource",
            "welcomed",
            "listener_attached stream",
            "subscribing 0000c0c0",
            "subscribed 0000c0c0",
            "cable_lost server_restart",
            "welcomed",
            "rejected 0000c0c0",
            "command_failed send",
            "listener_left stream",
            "request_refused 403",
            "listener_attached poll");
    assertThat(transitions().get(0).at()).isEqualTo("2026-01-02T03:04:05.678Z");
    assertThat(transitions().get(5).at()).startsWith("2026-01-02T03:04:07.");
  }

  @Test
  void aDialThatFailsAfterALossIsOne() {
    scene.open();
    scene.cable().breaks("lost");
    scene.cable().failsToDial(CableEnding.Kind.NO_WELCOME);
    scene.cable().welcomes();

    assertThat(transitions().stream().map(TransitionsTest::words))
        .containsExactly(
            "opened eventsource",
            "welcomed",
            "listener_attached stream",
            "cable_lost lost",
            "dial_failed no_welcome",
            "welcomed");
  }

  /** However often a client repeats a permitted request. */
  @Test
  void theLatestFiftyAreKeptAndWhatRepeatsItselfIsOne() {
    scene.open();
    for (int i = 0; i < 1_000; i++) {
      scene.listen(SessionHarness.MALLORY, null);
    }
    assertThat(transitions()).hasSize(4);
    assertThat(transitions().get(3).times()).isEqualTo(127);
    for (int i = 0; i < 1_030; i++) {
      scene.cable().breaks("a text of the server's " + i);
      scene.cable().welcomes();
    }
    List<Transition> latest = transitions();
    assertThat(latest).hasSize(Transitions.MAX);
    assertThat(latest.get(0)).returns("cable_lost", Transition::step);
    assertThat(latest.get(0).detail()).isEqualTo("other");
    assertThat(latest.get(49).step()).isEqualTo("welcomed");
  }

  @Test
  void eachIsADebugLineWithTheSessionsHash() {
    scene.open();
    assertThat(log.lines()).isEmpty();
    logger.setLevel(Level.FINE);
    scene.cable().breaks("stale");
    String hash = look().session();
    assertThat(log.lines())
        .containsExactly(
            "event=transition session=" + hash + " step=cable_lost detail=stale times=1");
  }

  @Test
  void theRequestThatOpensASessionIsNamedInItsLineIfItIsNamedInHex() {
    logger.setLevel(Level.FINE);
    String uuid = "7b1c0f8e-5a7e-4a53-9f0a-0c5d1f6b2a3e";
    String trace = "0af7651916cd43dd8448eb211c80319c";
    scene.listen(named("X-Request-Id", uuid), null);
    scene.end(named("X-Request-Id", uuid), null);
    scene.listen(named("traceparent", "00-" + trace + "-b7ad6b7169203331-01"), null);
    scene.end(named("traceparent", ""), null);
    scene.listen(named("X-Request-Id", "token-of-somebody"), null);
    assertThat(log.lines())
        .filteredOn(line -> line.contains("step=opened"))
        .satisfiesExactly(
            line -> assertThat(line).endsWith(" times=1 request=" + uuid),
            line -> assertThat(line).endsWith(" times=1 request=" + trace),
            line -> assertThat(line).endsWith(" times=1"));
  }

  private static Caller named(String header, String value) {
    return new Caller(
        "https://a.example",
        Digest.of("x"),
        null,
        "192.0.2.7",
        new DialRequest(List.of(new Header(header, value)), "", List.of()));
  }

  @Test
  void ofOneSessionTheyAreLoggedWhateverTheLevelUpToABound() {
    scene.open();
    assertThat(scene.manager.logAloud(look().session())).isEqualTo(1);
    assertThat(scene.manager.logAloud("00000000")).isZero();
    scene.settle();
    scene.cable().breaks("stale");
    assertThat(log.records()).hasSize(1).allMatch(line -> line.getLevel() == Level.INFO);
    for (int i = 0; i < 2_000; i++) {
      scene.cable().welcomes();
      scene.cable().breaks("stale");
    }
    assertThat(log.records()).hasSize(1_000);
  }

  @Test
  void howAFirstDialFailedIsThereWhileTheSessionIs() {
    RecordingStream stream = scene.open();
    stream.ready = false;
    scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
    assertThat(transitions().stream().map(TransitionsTest::words)).endsWith("ended cable");
  }

  private static String words(Transition transition) {
    return transition.step() + (transition.detail() == null ? "" : " " + transition.detail());
  }

  private List<Transition> transitions() {
    return look().details().transitions();
  }

  private SessionSnapshot look() {
    List<List<SessionSnapshot>> told = new ArrayList<>();
    scene.manager.survey(10, Duration.ofSeconds(2), told::add);
    scene.pool.runAll();
    scene.manager.look(told.get(0).get(0).session(), Duration.ofSeconds(2), told::add);
    scene.pool.runAll();
    assertThat(told.get(0).get(0).details()).isNull();
    return told.get(1).get(0);
  }
}
