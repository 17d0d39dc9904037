package cablestream.session;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Caller;
import cablestream.browser.Digest;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.CableEnding;
import cablestream.cable.DialRequest;
import cablestream.cable.DialRequest.Header;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The operator's view of sessions, and that a request for it delays no session. */
class SurveyTest {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final SessionHarness scene = new SessionHarness();
  private final List<List<SessionSnapshot>> told = new ArrayList<>();

  @Test
  void aSessionIsSeenAsItIs() {
    RecordingStream stream = scene.openSubscribed();
    scene.pass(Duration.ofSeconds(90));
    stream.ready = false;
    scene.cable().sends(SessionHarness.CHAT, "1");
    scene.settle();

    SessionSnapshot seen = onlyOne();

    assertThat(seen.mode()).isEqualTo("channels");
    assertThat(seen.cable()).isEqualTo("open");
    assertThat(seen.ageSeconds()).isEqualTo(90);
    assertThat(seen.load().streams()).isEqualTo(1);
    assertThat(seen.load().polls()).isZero();
    assertThat(seen.load().events()).isEqualTo(2);
    assertThat(seen.load().lagEvents()).isEqualTo(1);
    assertThat(seen.load().lagBytes()).isPositive().isLessThan(seen.load().logBytes());
    assertThat(seen.channels()).containsExactly(SessionHarness.CHAT.chanId());
  }

  @Test
  void whoASessionBelongsToIsToldAsFarAsTheBridgeMayKnow() {
    String longest = "Browser/1 ".repeat(30);
    List<Header> headers =
        List.of(new Header("user-agent", longest), new Header("Cookie", "secret=1"));
    Caller caller =
        new Caller(
            "https://a.example",
            Digest.of("x"),
            null,
            "192.0.2.7",
            new DialRequest(headers, "token=secret", List.of()));
    scene.listen(caller, null);

    SessionSnapshot seen = onlyOne();

    assertThat(seen.client().address()).isEqualTo("192.0.2.7");
    assertThat(seen.client().userAgent()).isEqualTo(longest.substring(0, 200));
    assertThat(seen.toString()).doesNotContain("secret");
  }

  @Test
  void aCableIsToldAsWhatItDoes() {
    RecordingStream stream = scene.listen();
    assertThat(onlyOne().cable()).isEqualTo("dialling");
    scene.cable().welcomes();
    scene.settle();
    assertThat(onlyOne().cable()).isEqualTo("open");
    scene.cable().breaks("lost");
    assertThat(onlyOne().cable()).isEqualTo("down");
    scene.cable().welcomes();
    stream.ready = false;
    scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
    assertThat(onlyOne().cable()).isEqualTo("closed");
  }

  @Test
  void aFullLogPausesTheCable() {
    SessionHarness small = new SessionHarness(TestLimits.log(2, 100_000));
    RecordingStream stream = small.openSubscribed();
    stream.ready = false;
    small.cable().sends(SessionHarness.CHAT, "1");
    small.cable().sends(SessionHarness.CHAT, "2");
    small.settle();

    small.manager.survey(10, LIMIT, told::add);
    small.pool.runAll();

    assertThat(told.get(0)).extracting(SessionSnapshot::cable).containsExactly("paused");
  }

  @Test
  void manySessionsAreSeenOnceEachAFewAtATime() {
    open(200);

    scene.manager.survey(1_000, LIMIT, told::add);

    assertThat(scene.pool.waiting()).isLessThanOrEqualTo(64);
    scene.pool.runAll();
    assertThat(told).hasSize(1);
    assertThat(told.get(0))
        .extracting(SessionSnapshot::session)
        .hasSize(200)
        .doesNotHaveDuplicates();
  }

  @Test
  void noMoreAreLookedAtThanAskedFor() {
    open(20);

    scene.manager.survey(5, LIMIT, told::add);
    scene.pool.runAll();

    assertThat(told.get(0)).hasSize(5);
  }

  @Test
  void whoDoesNotAnswerInTimeIsLeftOutAndIsNotToldLater() {
    scene.open();

    scene.whileSomebodyIsInside(
        () -> {
          scene.manager.survey(10, LIMIT, told::add);
          scene.timers.advance(LIMIT.plusSeconds(1));
        });

    assertThat(told).containsExactly(List.of());
  }

  @Test
  void aBridgeWithoutSessionsIsToldAtOnce() {
    scene.manager.survey(10, LIMIT, told::add);

    assertThat(told).containsExactly(List.of());
  }

  @Test
  void anOperatorEndsTheOneThatIsNamedAndNobodyElse() {
    open(3);
    scene.manager.survey(10, LIMIT, told::add);
    scene.pool.runAll();
    String hash = told.get(0).get(0).session();

    assertThat(scene.manager.end("00000000")).isZero();
    assertThat(scene.manager.end(hash)).isEqualTo(1);
    scene.pool.runAll();

    assertThat(scene.manager.size()).isEqualTo(2);
    assertThat(scene.manager.end(hash)).isZero();
    assertThat(scene.observer.heard("ended")).containsExactly("ended: OPERATOR");
    scene.manager.look(hash, LIMIT, told::add);
    assertThat(told.get(1)).isEmpty();
  }

  @Test
  void aSessionThatStillDialsIsEndedToo() {
    RecordingStream stream = scene.listen();
    String hash = onlyOne().session();

    scene.manager.end(hash);
    scene.pool.runAll();

    assertThat(stream.refusal.status()).isEqualTo(410);
    assertThat(scene.manager.size()).isZero();
  }

  private SessionSnapshot onlyOne() {
    told.clear();
    scene.manager.survey(10, LIMIT, told::add);
    scene.pool.runAll();
    assertThat(told).hasSize(1);
    assertThat(told.get(0)).hasSize(1);
    return told.get(0).get(0);
  }

  private void open(int sessions) {
    for (int i = 0; i < sessions; i++) {
      scene.listen(
          new SessionRequest("an-events-id-" + i, SessionHarness.ALICE, Mode.CHANNELS, null), 0);
      scene.cable().welcomes();
    }
    scene.settle();
  }
}
