package cablestream.session;

import static cablestream.session.SessionHarness.CHAT;
import static cablestream.session.SessionHarness.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Command;
import cablestream.cable.CableEnding;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Two nodes that couldn't reach one another have each opened a session with one events-id. The
 * client polls one of them, its commands reach the other, and that one then ends. Protocol section
 * 3.
 */
class TwoSessionsTest {
  private final SessionHarness polled = new SessionHarness();
  private final SessionHarness other = new SessionHarness();
  private final String session = open(polled);

  TwoSessionsTest() {
    open(other);
    other.end(SessionHarness.ALICE, null);
    open(other); // with a session_id other than the first, because both nodes draw the same ones
  }

  private static String open(SessionHarness node) {
    RecordingPoll poll = node.poll(32, Duration.ZERO, "0");
    node.cable().welcomes();
    node.settle();
    return poll.answer.sessionId();
  }

  private RecordingPoll poll() {
    RecordingPoll poll = polled.poll(32, Duration.ZERO, session + "-0");
    polled.settle();
    return poll;
  }

  @Test
  void aCommandThatNamesItsSessionIsCarriedOutByNoOther() {
    RecordingReply astray = other.commandNaming(session, subscribe());
    assertThat(astray.refusal.status()).isEqualTo(409);
    assertThat(astray.refusal.retryAfterSeconds()).isPositive();
    assertThat(other.cable().sent).isEmpty();
  }

  @Test
  void sentAgainOnceTheOtherHasGivenWayItIsConfirmedWhereTheClientListens() {
    other.commandNaming(session, subscribe());
    assertThat(givesWay(other)).as("may have misled").isFalse();
    assertThat(polled.commandNaming(session, subscribe()).outcomes()).containsExactly("ok");
    polled.cable().confirms(CHAT);
    RecordingPoll poll = poll();
    assertThat(poll.briefly()).containsExactly("connected");
    assertThat(poll.answer.channels()).containsExactly(CHAT.chanId());
  }

  @Test
  void whatNamesASessionThatIsGoneOpensNone() {
    other.end(SessionHarness.ALICE, null);
    assertThat(other.commandNaming(session, subscribe()).refusal.status()).isEqualTo(404);
  }

  @Test
  void whatNamesAnotherThanTheOneThatEndedForGoodIsToldSo() {
    other.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
    assertThat(other.commandNaming(session, subscribe()).refusal.status()).isEqualTo(410);
  }

  @Test
  void aStrangerLearnsNothingOfTheSessionByNamingOne() {
    RecordingReply reply = other.commandNaming(SessionHarness.MALLORY, session, subscribe());
    assertThat(reply.refusal.status()).isEqualTo(403);
  }

  @Test
  void oneThatNamesNoneMayHaveMisledItsClientWhenThatSessionGivesWay() {
    other.command(new Command.Subscribe(CHAT));
    other.cable().confirms(CHAT);
    assertThat(givesWay(other)).isTrue();
    assertThat(other.manager.size()).isZero();
  }

  @Test
  void unlessTheClientHasComeToItSinceAndHadHeardIt() {
    polled.command(new Command.Subscribe(CHAT));
    poll();
    assertThat(givesWay(polled)).isFalse();
  }

  @Test
  void butNotWhereItComesFromTheOther() {
    other.command(new Command.Subscribe(CHAT));
    other.poll(32, Duration.ZERO, session + "-0");
    other.settle();
    assertThat(givesWay(other)).isTrue();
  }

  /** Returns whether the session may have misled its client. */
  private static boolean givesWay(SessionHarness node) {
    AtomicBoolean misled = new AtomicBoolean();
    node.manager.moved(SessionHarness.ID, () -> misled.set(true));
    node.settle();
    return misled.get();
  }

  @Test
  void aCommandThatNamesNoSessionIsCarriedOutByTheOneThatHasTheId() {
    assertThat(other.command(new Command.Subscribe(CHAT)).outcomes()).containsExactly("ok");
  }
}
