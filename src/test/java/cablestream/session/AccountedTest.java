package cablestream.session;

import static cablestream.session.SessionHarness.ALICE;
import static cablestream.session.SessionHarness.CHAT;
import static cablestream.session.SessionHarness.ID;
import static cablestream.session.SessionHarness.NEWS;
import static cablestream.session.SessionHarness.send;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.browser.Command;
import cablestream.browser.CommandBatch;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.CableEnding;
import cablestream.environment.SessionWeights;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A session's holdings are reserved in the account exactly while it holds them. */
class AccountedTest {
  private static final SessionRequest TUNNEL = new SessionRequest(ID, ALICE, Mode.TUNNEL, "0");

  private final SessionHarness scene = new SessionHarness();

  /** A way to end, for a session with a holding of each kind. */
  record End(String name, Consumer<SessionHarness> happening) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<End> ends() {
    return List.of(
        new End("DELETE", scene -> scene.end(ALICE, null)),
        new End("drain", scene -> scene.manager.drain(done -> {})),
        new End("stop", scene -> scene.manager.close()),
        new End("disconnect", scene -> scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote")),
        new End(
            "refused on coming back",
            scene -> {
              scene.cable().breaks("lost");
              scene.cable().ends(CableEnding.Kind.UNAUTHORIZED, "unauthorized");
            }));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void everythingIsGivenBackHoweverASessionEnds(End end) {
    RecordingStream stream = holdEverything();
    end.happening().accept(scene);
    stream.becomesReady();
    stream.leaves();
    scene.pass(Duration.ofMinutes(6));
    assertNothingIsHeld();
  }

  /** A stream that never writes, a poll's history, a subscription, and commands of each kind. */
  private RecordingStream holdEverything() {
    RecordingStream stream = scene.openSubscribed();
    stream.ready = false;
    scene.cable().sends(CHAT, "\"" + "x".repeat(1_000) + "\"");
    scene.command(ALICE, "a key", false, send("{}"));
    scene.cable().holdsWrites = true;
    scene.command(send("{\"for\":\"the cable\"}"));
    scene.command(new Command.Subscribe(NEWS), new Command.Send(NEWS, "{}"));
    scene.command(ALICE, "another key", false, new Command.Send(NEWS, "{}"));
    for (Kind kind :
        List.of(
            Kind.LOG,
            Kind.SESSION,
            Kind.LISTENER,
            Kind.HEADERS,
            Kind.SUBSCRIPTION,
            Kind.COMMAND,
            Kind.REMEMBERED)) {
      assertThat(scene.account.used(kind)).as("%s", kind).isPositive();
    }
    return stream;
  }

  private void assertNothingIsHeld() {
    scene.pool.runAll();
    for (Kind kind : Kind.values()) {
      assertThat(scene.account.used(kind)).as("%s", kind).isZero();
    }
  }

  @Test
  void whoPollsAgainFindsRoomThoughOthersHaveTakenAllThereIs() {
    RecordingPoll first = scene.poll(32, Duration.ZERO, null);
    scene.cable().welcomes();
    assertThat(first.briefly()).isNotEmpty();
    while (scene.account.holder().reserve(Kind.LISTENER, 1_000)) {
      // Many sessions with small holdings.
    }

    RecordingPoll second = scene.poll();
    scene.cable().sends(CHAT, "1");

    assertThat(second.refusal).isNull();
  }

  /** The listener holds it until then, whatever the bounds of the history are. */
  @Test
  void aLargeEventIsChargedUntilItIsWritten() {
    RecordingStream stream = scene.openSubscribed();
    stream.isSlow = true;
    scene.cable().sends(CHAT, "\"" + "x".repeat(1 << 20) + "\"");
    scene.settle();
    assertThat(scene.account.used(Kind.LOG)).isGreaterThan(1 << 20);
    stream.becomesReady();
    assertThat(scene.account.used(Kind.LOG)).isLessThan(10_000);
    scene.cable().sends(CHAT, "1");
    assertThat(stream.text()).contains("\"message\":1,");
  }

  @Test
  void whoIsTheSecondToListenNeedsRoom() {
    RecordingStream first = scene.openSubscribed();
    long one = scene.account.used(Kind.LISTENER);
    first.leaves();
    scene.pool.runAll();
    assertThat(scene.account.used(Kind.LISTENER)).isEqualTo(one);

    scene.listen();
    scene.pool.runAll();
    assertThat(scene.account.used(Kind.LISTENER)).isEqualTo(one);
  }

  @Test
  void aListenerThatReplacesAnotherLeavesNoMoreReserved() {
    scene.openSubscribed();
    long one = scene.account.used(Kind.LISTENER);
    List<Runnable> listeners = List.of(scene::listen, scene::poll, scene::poll, scene::listen);
    for (Runnable listener : listeners) {
      listener.run();
      scene.settle();
      assertThat(scene.account.used(Kind.LISTENER)).isEqualTo(one);
    }
  }

  @Test
  void theLingerGivesEverythingBack() {
    RecordingStream stream = holdEverything();
    stream.leaves();
    scene.pass(Duration.ofSeconds(31));
    assertNothingIsHeld();
  }

  @Test
  void aDialThatFailsGivesBackWhatWaitedForIt() {
    scene.listen();
    scene.command(send("{}"));
    assertThat(scene.account.used(Kind.COMMAND)).isPositive();
    scene.cable().ends(CableEnding.Kind.UNREACHABLE, "unreachable");
    assertNothingIsHeld();
  }

  @Test
  void aDialThatIsTurnedAwayAtOnceGivesItsPlaceBack() {
    scene.dialsFailAtOnce = CableEnding.Kind.BUSY;
    scene.listen();
    assertNothingIsHeld();
  }

  @Test
  void theLoserOfTwoThatOpenTheSameSessionHoldsNothing() {
    scene.dialerAsked = scene::listen;
    RecordingStream second = scene.listen();
    scene.cables.get(0).welcomes();
    assertThat(second.acceptance).isNotNull();
    scene.end(ALICE, null);
    assertNothingIsHeld();
  }

  /** It is kept for a client that comes late, which gets the last event and sends nothing. */
  @Test
  void whatHasEndedForGoodKeepsNoRoomForRequests() {
    RecordingStream stream = scene.listen();
    scene.cable().welcomes();
    stream.leaves();
    scene.cable().ends(CableEnding.Kind.DISCONNECTED, "remote");
    scene.pool.runAll();
    assertThat(scene.account.used(Kind.ENDED)).isGreaterThan(SessionWeights.ENDED);
    assertThat(scene.account.used(Kind.SESSION)).isZero();
    assertThat(scene.account.used(Kind.LISTENER)).isZero();
  }

  @Test
  void aTunnelHoldsItsFramesAndThenTheMemoryOfItsId() {
    RecordingStream stream = scene.listen(TUNNEL, 0);
    scene.manager.command(
        TUNNEL,
        new CommandBatch(List.of(new Command.Frame("x".repeat(1_000))), null, null),
        false,
        new RecordingReply());
    assertThat(scene.account.used(Kind.COMMAND)).isGreaterThan(1_000);
    scene.cable().ends(CableEnding.Kind.UNREACHABLE, "unreachable");
    assertThat(stream.finished).isTrue();
    assertThat(scene.account.used()).isEqualTo(SessionWeights.ENDED);
    scene.pass(Duration.ofMinutes(6));
    scene.listen(new SessionRequest("another-id-of-16-c", ALICE, Mode.TUNNEL, "0"), 0);
    scene.manager.close();
    assertNothingIsHeld();
  }

  /** All pages connect at once, listen at once, and only then subscribe. */
  @Test
  void whoeverIsLetInCanListenAndSubscribe() {
    SessionHarness small =
        new SessionHarness(TestLimits.sessions(20_000), new Account(64 << 20, 1 << 20));
    List<SessionRequest> in = new ArrayList<>();
    List<RecordingStream> streams = new ArrayList<>();
    boolean full = false;
    for (int i = 0; !full; i++) {
      SessionRequest page = page(i);
      RecordingStream stream = small.listen(page, 0);
      full = stream.refusal != null;
      if (!full) {
        in.add(page);
        streams.add(stream);
      }
    }
    small.cables.forEach(FakeCable::welcomes);
    small.pool.runAll();
    assertThat(streams).allMatch(stream -> stream.refusal == null);
    assertThat(in).hasSizeGreaterThan(100);
    for (SessionRequest page : in) {
      RecordingReply reply = command(small, page, new Command.Subscribe(CHAT));
      assertThat(reply.outcomes()).as(page.eventsId()).containsExactly("ok");
    }
  }

  /** In Tomcat, where a request takes more than all of an ordinary session. */
  @Test
  void openSessionsCanSendHoweverManyAreBeingOpened() {
    int responseBytes = 100 * 1_024;
    Account account = new Account(64 << 20, 1 << 20, responseBytes);
    SessionHarness small = new SessionHarness(TestLimits.sessions(20_000), account, responseBytes);
    List<SessionRequest> open = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      SessionRequest page = page(i);
      small.listen(page, 0);
      small.cable().welcomes();
      command(small, page, new Command.Subscribe(CHAT));
      small.cable().confirms(CHAT);
      small.settle();
      small.cable().holdsWrites = true;
      open.add(page);
    }
    for (int i = 5; small.listen(page(i), 0).refusal == null; i++) {
      assertThat(i).isLessThan(100);
    }
    for (SessionRequest page : open) {
      assertThat(command(small, page, send("{}")).refusal).as(page.eventsId()).isNull();
    }
  }

  private static SessionRequest page(int number) {
    return new SessionRequest("a-session-with-number-" + number, ALICE, Mode.CHANNELS, null);
  }

  private static RecordingReply command(
      SessionHarness scene, SessionRequest page, Command command) {
    RecordingReply reply = new RecordingReply();
    scene.manager.command(page, new CommandBatch(List.of(command), null, null), false, reply);
    scene.settle();
    return reply;
  }

  @Test
  void whereThereIsNoMemoryANewSessionIsRefusedAndTheOthersGoOn() {
    SessionHarness small =
        new SessionHarness(TestLimits.sessions(20_000), new Account(64 << 20, 1 << 20));
    RecordingStream bystander = small.openSubscribed();
    List<RecordingStream> crowd = new ArrayList<>();
    RecordingStream refused = null;
    for (int i = 0; i < 20_000 && refused == null; i++) {
      RecordingStream stream = small.listen(page(i), 0);
      small.cable().welcomes();
      refused = stream.refusal == null ? null : stream;
      crowd.add(stream);
    }
    assertThat(refused).isNotNull();
    assertThat(refused.refusal.status()).isEqualTo(503);
    assertThat(refused.refusal.retryAfterSeconds()).isPositive();
    assertThat(small.account.used()).isLessThanOrEqualTo(small.account.limit());
    small.cables.get(0).sends(CHAT, "1");
    small.settle();
    assertThat(bystander.briefly()).endsWith("received 1");
    crowd.get(0).leaves();
    crowd.get(1).leaves();
    small.pass(Duration.ofSeconds(31));
    assertThat(
            small.listen(
                new SessionRequest("a-session-that-comes-later", ALICE, Mode.CHANNELS, null), 0))
        .matches(stream -> stream.refusal == null, "has room again");
  }
}
