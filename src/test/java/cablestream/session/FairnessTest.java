package cablestream.session;

import static cablestream.session.SessionHarness.CHAT;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Caller;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.memory.Account;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When there is no room for more sessions, those without listeners are evicted for newcomers. */
class FairnessTest {
  private static final String STRANGER = "192.0.2.66";
  private static final String OFFICE = "198.51.100.7";
  private static final String HOME = "203.0.113.1";
  private static final int PLACES = 40;
  private static final Duration BETWEEN_TWO = Duration.ofMillis(50);

  private final SessionHarness scene = new SessionHarness(TestLimits.sessions(PLACES));
  private int sessions;

  private static SessionRequest request(String id, String network, String cursor) {
    Caller alice = SessionHarness.ALICE;
    return new SessionRequest(
        id,
        new Caller(alice.origin(), alice.credentials(), alice.browser(), network, alice.dial()),
        Mode.CHANNELS,
        cursor);
  }

  private String newId() {
    return "a-session-with-number-" + sessions++;
  }

  private RecordingPoll poll(SessionHarness scene, String id, String network, Duration timeout) {
    RecordingPoll poll = new RecordingPoll();
    scene.manager.poll(request(id, network, null), 32, timeout, poll);
    return poll;
  }

  /** Sends a GET with timeout=0, and nothing after it. */
  private RecordingPoll leaves(SessionHarness scene, String network) {
    return leaves(scene, newId(), network);
  }

  private RecordingPoll leaves(SessionHarness scene, String id, String network) {
    RecordingPoll poll = poll(scene, id, network, Duration.ZERO);
    if (poll.refusal == null) {
      scene.cable().welcomes();
      scene.settle();
    }
    return poll;
  }

  private RecordingStream stream(SessionHarness scene, String id, String network, String cursor) {
    RecordingStream stream = scene.listen(request(id, network, cursor), 0);
    if (stream.refusal == null && cursor == null) {
      scene.cable().welcomes();
      scene.settle();
    }
    return stream;
  }

  @Test
  void aStrangerWhoNeverListensKeepsNobodyOut() {
    RecordingStream bystander = stream(scene, newId(), HOME, null);
    FakeCable bystanders = scene.cable();
    for (int i = 0; i < 10 * PLACES; i++) {
      scene.pass(BETWEEN_TWO);
      assertThat(leaves(scene, STRANGER).refusal).isNull();
    }

    assertThat(stream(scene, newId(), OFFICE, null).briefly()).containsExactly("joined false");
    assertThat(leaves(scene, OFFICE).refusal).isNull();
    assertThat(scene.manager.size()).isEqualTo(PLACES);
    bystanders.sends(CHAT, "1");
    assertThat(bystander.finished).isFalse();
    assertThat(scene.observer.heard("ended")).containsOnly("ended: EVICTED");
  }

  /** With a small heap, the account is full before all places are taken. */
  @ParameterizedTest
  @ValueSource(ints = {64, 96, 192})
  void norWhereMemoryIsShort(int heapMebibytes) {
    long heap = (long) heapMebibytes << 20;
    SessionHarness small =
        new SessionHarness(
            TestLimits.sessions(100_000), new Account(heap, Account.defaultLogs(heap)));
    RecordingStream bystander = stream(small, newId(), HOME, null);
    for (int i = 0; i < 3_000; i++) {
      small.pass(Duration.ofMillis(11));
      leaves(small, STRANGER);
    }
    assertThat(small.manager.size()).isLessThan(2_000);

    for (int i = 0; i < 20; i++) {
      assertThat(stream(small, newId(), OFFICE, null).briefly()).containsExactly("joined false");
    }
    assertThat(bystander.finished).isFalse();
  }

  @Test
  void theOldestOfTheNetworkThatHasMostGivesWay() {
    Map<String, String> office = new HashMap<>();
    for (int i = 0; i < 5; i++) {
      String id = newId();
      RecordingStream stream = stream(scene, id, OFFICE, null);
      office.put(id, stream.lastId());
      stream.leaves();
    }
    while (scene.manager.size() < PLACES) {
      leaves(scene, STRANGER);
    }
    scene.pass(Duration.ofSeconds(2));
    for (int i = 0; i < PLACES - 10; i++) {
      assertThat(stream(scene, newId(), HOME + i, null).refusal).isNull();
    }
    office.forEach(
        (id, cursor) ->
            assertThat(stream(scene, id, OFFICE, cursor).briefly()).containsExactly("joined true"));
  }

  /** Each would be evicted for the next one, and none would be served. */
  @Test
  void clientsBetweenTwoPollsAreWaitedFor() {
    List<String> polling = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      polling.add(newId());
      leaves(scene, polling.get(i), OFFICE);
      poll(scene, polling.get(i), OFFICE, Duration.ofSeconds(25));
    }
    scene.pass(Duration.ofSeconds(26));

    assertThat(leaves(scene, OFFICE).refusal.error()).isEqualTo("too many sessions");
    assertThat(leaves(scene, HOME).refusal.status()).isEqualTo(503);
    polling.forEach(
        id ->
            assertThat(poll(scene, id, OFFICE, Duration.ofSeconds(25)).refusal)
                .as("the session is there")
                .isNull());
    assertThat(scene.observer.heard("ended")).isEmpty();
    scene.pass(Duration.ofSeconds(26));
    scene.pass(Duration.ofSeconds(6));
    assertThat(leaves(scene, HOME).refusal).as("none has returned").isNull();
  }

  /** It would only change which client is refused. */
  @Test
  void oneSessionOfANetworkDoesNotGiveWayToOneOfAnother() {
    for (int i = 0; i < PLACES; i++) {
      stream(scene, newId(), "198.51.100." + i, null).leaves();
    }
    scene.pass(Duration.ofSeconds(10));
    assertThat(leaves(scene, HOME).refusal.status()).isEqualTo(503);
  }

  @Test
  void aNetworkThatFillsTheTableWithListenersDrivesNobodyOut() {
    for (int i = 0; i < 4; i++) {
      stream(scene, newId(), OFFICE, null).leaves();
    }
    while (scene.manager.size() < PLACES) {
      stream(scene, newId(), STRANGER, null);
    }
    scene.pass(Duration.ofSeconds(10));
    assertThat(stream(scene, newId(), STRANGER, null).refusal.status()).isEqualTo(503);
    assertThat(stream(scene, newId(), HOME, null).refusal).isNull();
  }

  @Test
  void aSessionThatIsListenedToAgainDoesNotGiveWay() {
    String id = newId();
    stream(scene, id, OFFICE, null).leaves();
    while (scene.manager.size() < PLACES) {
      leaves(scene, OFFICE);
    }
    RecordingStream back = stream(scene, id, OFFICE, "0");
    for (int i = 0; i < PLACES; i++) {
      scene.pass(BETWEEN_TWO);
      leaves(scene, OFFICE);
    }
    assertThat(back.finished).isFalse();
  }

  /** As after the linger: its client reconnects to a new session, which announces the loss. */
  @Test
  void theClientOfOneThatGaveWayComesBack() {
    String id = newId();
    RecordingStream stream = stream(scene, id, STRANGER, null);
    String cursor = stream.lastId();
    stream.leaves();
    scene.pass(Duration.ofSeconds(6));
    while (scene.manager.size() < PLACES) {
      leaves(scene, STRANGER);
    }
    leaves(scene, STRANGER);
    assertThat(scene.observer.heard("ended")).containsExactly("ended: EVICTED");
    scene.pass(BETWEEN_TWO.multipliedBy(10));
    RecordingStream back = scene.listen(request(id, STRANGER, cursor), 0);
    scene.cable().welcomes();
    assertThat(back.briefly()).containsExactly("joined false", "gap null");
  }
}
