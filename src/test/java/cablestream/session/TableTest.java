package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static cablestream.session.SessionHarness.CHAT;
import static cablestream.session.SessionHarness.ID;
import static cablestream.session.SessionHarness.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Caller;
import cablestream.browser.CommandBatch;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.CableEnding;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import cablestream.support.RecordedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Only sessions that have a cable, or are dialling one, occupy a place in the table. */
class TableTest {
  private static final int CROWD = 1_500;

  private final SessionHarness scene = new SessionHarness(TestLimits.sessions(2));

  private static String id(int number) {
    return "a-session-with-number-" + number;
  }

  private RecordingStream tunnel(String id, String cursor) {
    return scene.listen(new SessionRequest(id, ALICE, Mode.TUNNEL, cursor), 0);
  }

  private RecordingPoll tunnelPoll(String id, String cursor) {
    RecordingPoll poll = new RecordingPoll();
    scene.manager.poll(
        new SessionRequest(id, ALICE, Mode.TUNNEL, cursor), 32, Duration.ofSeconds(25), poll);
    return poll;
  }

  /** A classic API session that has been served, and whose listener has disconnected. */
  private RecordingStream openAndLeave(String id) {
    RecordingStream stream = scene.listen(new SessionRequest(id, ALICE, Mode.CHANNELS, null), 0);
    scene.cable().welcomes();
    scene.manager.command(
        new SessionRequest(id, ALICE, Mode.CHANNELS, null),
        new CommandBatch(List.of(subscribe()), null, null),
        false,
        new RecordingReply());
    scene.cable().confirms(CHAT);
    scene.settle();
    stream.leaves();
    return stream;
  }

  /**
   * Whatever {@code max-sessions} allows: otherwise the kernel refuses what a session needs at
   * arbitrary moments.
   */
  @Test
  void thereAreNoMoreSessionsThanTheProcessHasFileDescriptorsFor() {
    SessionHarness few = new SessionHarness(TestLimits.sessions(1_000).fitting(22));
    try (RecordedLog log = RecordedLog.of(RateLimitedLog.class)) {
      for (int i = 0; i < 116; i++) {
        RecordingStream stream =
            few.listen(new SessionRequest(id(i), ALICE, Mode.CHANNELS, null), 0);
        assertThat(stream.refusal == null).as("session %d", i).isEqualTo(i < 22);
      }
      assertThat(log.lines())
          .containsExactly(
              "event=session_refused times=1 session=none reason=\"no file descriptors for one more"
                  + " session: raise ulimit -n (LimitNOFILE)\"");
    }
  }

  @Test
  void aTunnelThatCanNotGoOnIsToldSoWithoutAPlace() {
    RecordingStream stream = tunnel(ID, "x-1");
    assertThat(stream.briefly()).containsExactly("opened", "close");
    assertThat(stream.lastId()).isEqualTo(stream.acceptance.sessionId() + "-end");
    assertThat(stream.finished).isTrue();
    assertThat(scene.manager.size()).isZero();
    assertThat(scene.cables).allMatch(cable -> cable.dials.isEmpty());
    assertThat(tunnel(ID, "0").refusal.status()).isEqualTo(204);
    assertThat(tunnelPoll(ID, null).refusal.status()).isEqualTo(410);
  }

  @Test
  void aPollOfATunnelThatCanNotGoOnIsToldTheSame() {
    assertThat(tunnelPoll(ID, "x-1").briefly()).containsExactly("opened", "close");
    assertThat(scene.manager.size()).isZero();
    assertThat(tunnelPoll(ID, null).refusal.status()).isEqualTo(410);
  }

  @Test
  void aStrangerDoesNotLearnHowItEnded() {
    tunnel(ID, "x-1");
    Caller mallory = SessionHarness.caller("https://a.example", "cookie=mallory", "browser-m");
    assertThat(scene.listen(mallory, null).refusal.status()).isEqualTo(403);
    assertThat(scene.listen(ALICE, null).refusal.status()).isEqualTo(204);
  }

  @Test
  void aCrowdOfHopelessTunnelsHarmsNobody() {
    RecordingStream bystander = scene.openSubscribed();
    List<RecordingStream> crowd = new ArrayList<>();
    for (int i = 0; i < CROWD; i++) {
      RecordingStream unread = new RecordingStream();
      unread.ready = false;
      scene.manager.listen(new SessionRequest(id(i), ALICE, Mode.TUNNEL, "x-1"), 0, unread);
      crowd.add(unread);
    }
    assertThat(crowd).allMatch(each -> each.refusal == null);
    assertThat(scene.manager.size()).isOne();
    RecordingStream newcomer =
        scene.listen(new SessionRequest(id(CROWD), ALICE, Mode.CHANNELS, null), 0);
    scene.cable().welcomes();
    assertThat(newcomer.briefly()).containsExactly("joined false");
    scene.cables.get(0).sends(CHAT, "1");
    scene.settle();
    assertThat(bystander.briefly()).endsWith("received 1");
    scene.pass(Duration.ofSeconds(11));
    assertThat(crowd).as("who takes nothing is cut").allMatch(each -> each.aborted);
  }

  @Test
  void aCrowdOfTunnelsThatRailsRefusesHarmsNobodyWhoMissedAnEnd() {
    String seen = openAndLeave(ID).lastId();
    scene.cable().sends(CHAT, "1");
    scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
    for (int i = 0; i < CROWD; i++) {
      RecordingStream refused = tunnel(id(i), "0");
      refused.ready = false;
      scene.cable().ends(CableEnding.Kind.UNAUTHORIZED, "unauthorized");
      refused.leaves();
      assertThat(scene.manager.size()).isZero();
    }
    scene.pool.runAll();
    assertThat(scene.listen(seen).briefly())
        .containsExactly("joined true", "received 1", "disconnected remote", "closed remote");
    assertThat(scene.open().briefly()).as("the id has ended for good").isEmpty();
  }

  @Test
  void whoHasEndedForGoodGivesItsPlaceBackAtOnce() {
    SessionHarness narrow = new SessionHarness(TestLimits.sessionsPerAddress(1));
    RecordingStream first = narrow.openSubscribed();
    first.ready = false;
    narrow.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
    assertThat(narrow.manager.size()).isZero();
    RecordingStream second =
        narrow.listen(new SessionRequest(id(1), ALICE, Mode.CHANNELS, null), 0);
    narrow.cable().welcomes();
    assertThat(second.briefly()).containsExactly("joined false");
    first.becomesReady();
    assertThat(first.briefly()).endsWith("disconnected remote", "closed remote");
    narrow.manager.close();
    assertThat(narrow.manager.size()).isZero();
  }

  @Test
  void onlySoManyWaitForThoseWhoMissedTheirEndAndTheOldestMakeRoom() {
    List<String> seen = new ArrayList<>();
    int many = EndedSessions.MAX_KEPT + 10;
    for (int i = 0; i < many; i++) {
      seen.add(openAndLeave(id(i)).lastId());
      scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
    }
    scene.pool.runAll();
    long each = scene.manager.logBytes() / EndedSessions.MAX_KEPT;
    assertThat(each).as("bytes of one log").isBetween(100L, 1_000L);
    SessionRequest oldest = new SessionRequest(id(9), ALICE, Mode.CHANNELS, seen.get(9));
    SessionRequest next = new SessionRequest(id(10), ALICE, Mode.CHANNELS, seen.get(10));
    assertThat(scene.listen(oldest, 0).refusal.status()).isEqualTo(204);
    assertThat(scene.listen(next, 0).briefly()).endsWith("disconnected remote", "closed remote");
    scene.pass(Duration.ofSeconds(31));
    assertThat(scene.manager.logBytes()).isZero();
  }

  @Test
  void whereAllHaveBeenToldNothingIsLeftButTheMemoryOfTheId() {
    RecordingStream stream = tunnel(ID, "0");
    scene.cable().ends(CableEnding.Kind.UNREACHABLE, "unreachable");
    assertThat(stream.briefly()).containsExactly("opened", "close");
    RecordingReply reply = new RecordingReply();
    scene.manager.command(
        new SessionRequest(ID, ALICE, Mode.CHANNELS, null),
        new CommandBatch(List.of(), null, null),
        true,
        reply);
    assertThat(reply.refusal.status()).as("no session says 409").isEqualTo(410);
    scene.pass(Duration.ofMinutes(5));
    assertThat(tunnel(ID, "0").briefly()).containsExactly("opened");
  }

  @Test
  void onlySoManyIdsAreRememberedAndTheOldestAreForgotten() {
    SessionHarness large =
        new SessionHarness(TestLimits.sessions(2), new Account(4L << 30, 1 << 20));
    for (int i = 0; i <= EndedSessions.MAX_IDS; i++) {
      large.listen(new SessionRequest(id(i), ALICE, Mode.TUNNEL, "x-1"), 0);
    }
    assertThat(again(large, 1).refusal.status()).isEqualTo(204);
    assertThat(again(large, EndedSessions.MAX_IDS).refusal.status()).isEqualTo(204);
    assertThat(again(large, 0).briefly()).containsExactly("opened");
  }

  @Test
  void whereThereIsLittleMemoryFewerIdsAreRemembered() {
    SessionHarness small =
        new SessionHarness(TestLimits.sessions(2), new Account(64 << 20, 1 << 20));
    for (int i = 0; i < EndedSessions.MAX_IDS; i++) {
      small.listen(new SessionRequest(id(i), ALICE, Mode.TUNNEL, "x-1"), 0);
    }
    assertThat(small.account.used(Kind.ENDED)).isLessThanOrEqualTo(small.account.limit(Kind.ENDED));
    assertThat(again(small, EndedSessions.MAX_IDS - 1).refusal.status()).isEqualTo(204);
    assertThat(again(small, 0).briefly()).containsExactly("opened");
  }

  private static RecordingStream again(SessionHarness where, int number) {
    return where.listen(new SessionRequest(id(number), ALICE, Mode.TUNNEL, "0"), 0);
  }

  @Test
  void aSessionIsCountedOnceWhenItComesAndOnceWhenItGoes() {
    tunnel(ID, "x-1");
    tunnel(id(1), "0");
    scene.cable().ends(CableEnding.Kind.UNREACHABLE, "unreachable");
    scene.pass(Duration.ofMinutes(1));
    assertThat(scene.observer.heard("opened")).hasSize(2);
    assertThat(scene.observer.heard("ended")).containsExactly("ended: BROKEN", "ended: CABLE");
  }
}
