package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cablestream.memory.Account;
import cablestream.support.FakeTimers;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two nodes and their common state. The test triggers the beats, so nothing depends on their
 * timing.
 */
@Timeout(30)
class ClusterTest {
  private static final URI ONE = URI.create("http://one.invalid");
  private static final URI OTHER = URI.create("http://other.invalid");
  private static final String ID = "an-events-id-of-a-browser";

  private static final AtomicInteger STARTS = new AtomicInteger();

  private final MemoryStore store = new MemoryStore();
  private final Member one = new Member(ONE);
  private final Member other = new Member(OTHER);

  /** A node and its sessions. */
  private final class Member implements LocalSessions {
    private final Set<String> sessions = ConcurrentHashMap.newKeySet();
    private final List<String> moved = new ArrayList<>();
    private final FakeTimers timers = new FakeTimers();
    private final Cluster cluster;
    private final URI address;
    private volatile boolean accepting = true;
    private boolean full;
    private boolean misleads;

    Member(URI address) {
      this.address = address;
      cluster =
          new Cluster(
              "node-%011d".formatted(STARTS.incrementAndGet()),
              new ClusterSettings(
                  URI.create("redis://none.invalid"), "0123456789abcdef0123456789abcdef", address),
              timers,
              Runnable::run,
              Account.ofHeap(),
              store.view());
      cluster.use(this);
      beat();
    }

    void beat() {
      cluster.beat(address);
    }

    /** All nodes have claimed their sessions, and a missing one is dead. */
    void settle() {
      timers.advance(Duration.ofSeconds(31));
    }

    Place find(Question question) {
      CompletableFuture<Place> place = new CompletableFuture<>();
      cluster.find(question, place::complete);
      try {
        Place found = place.get(10, TimeUnit.SECONDS);
        if (found instanceof Place.Here && question.opens() && accepting && !full) {
          sessions.add(question.session());
          cluster.opened(question.session());
        }
        return found;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    Place open() {
      return find(question(true, false, null));
    }

    Place command() {
      return find(question(false, false, null));
    }

    void end(boolean forGood) {
      sessions.remove(ID);
      cluster.ended(ID, forGood);
      cluster.settle();
    }

    Node node() {
      return new Node(cluster.id(), address, accepting, Node.PROTOCOL);
    }

    @Override
    public boolean isOpen(String session) {
      return sessions.contains(session);
    }

    @Override
    public void moved(String session, Runnable misled) {
      sessions.remove(session);
      moved.add(session);
      if (misleads) {
        misled.run();
      }
    }

    @Override
    public boolean isAccepting() {
      return accepting;
    }
  }

  private static Question question(boolean opens, boolean handedOn, Node excluded) {
    return question(ID, opens, handedOn, excluded);
  }

  private static Question question(String id, boolean opens, boolean handedOn, Node excluded) {
    return new Question(id, "192.0.2.1", 1_000, opens, handedOn, excluded);
  }

  private static void assertThere(Place place, Member member) {
    assertThat(place).isInstanceOf(Place.There.class);
    assertThat(((Place.There) place).node().id()).isEqualTo(member.cluster.id());
  }

  @AfterEach
  void close() {
    one.cluster.close();
    other.cluster.close();
  }

  @Test
  void aSessionIsWhereItWasOpenedFirst() {
    assertThat(one.open()).isEqualTo(new Place.Here());
    assertThere(other.open(), one);
    assertThere(other.command(), one);
  }

  @Test
  void theStoreDoesNotLearnItsName() {
    one.open();
    assertThat(store.claims()).hasSize(1);
    assertThat(store.claims().toString()).doesNotContain(ID);
  }

  @Test
  void ofTwoThatAskAtOnceOneHasIt() throws Exception {
    for (int i = 0; i < 200; i++) {
      Question question = question("session-number-" + i, true, false, null);
      CompletableFuture<Place> first = new CompletableFuture<>();
      CompletableFuture<Place> second = new CompletableFuture<>();
      one.cluster.find(question, first::complete);
      other.cluster.find(question, second::complete);
      Set<Class<?>> places = new HashSet<>();
      places.add(first.get(10, TimeUnit.SECONDS).getClass());
      places.add(second.get(10, TimeUnit.SECONDS).getClass());
      assertThat(places).containsExactlyInAnyOrder(Place.Here.class, Place.There.class);
    }
  }

  @Test
  void whereItWasFoundIsRememberedAndTheStoreNotAskedAgain() {
    one.open();
    other.open();
    int calls = store.calls();
    assertThat(other.cluster.known(ID).id()).isEqualTo(one.cluster.id());
    assertThat(store.calls()).isEqualTo(calls);
  }

  @Test
  void commandsForNobodysSessionAreAnsweredHere() {
    one.settle();
    assertThat(one.command()).isEqualTo(new Place.Here());
    assertThat(store.claims()).isEmpty();
  }

  @Test
  void aSessionThatIsOverCanBeOpenedAnywhere() {
    one.open();
    one.end(false);
    assertThat(store.claims()).isEmpty();
    assertThat(other.open()).isEqualTo(new Place.Here());
  }

  /** The other nodes' requests for it would come here until then. */
  @Test
  void itsEndDoesNotWaitForTheNextBeat() {
    int before = store.beats();
    one.cluster.start(one);
    for (int i = 0; i < 4; i++) {
      one.open();
      one.sessions.remove(ID);
      one.cluster.ended(ID, false);
      Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> store.claims().isEmpty());
    }
    assertThat(store.beats() - before).isLessThan(4);
  }

  @Test
  void oneThatIsOpenedAgainBeforeItsEndIsToldKeepsItsClaim() {
    one.open();
    one.cluster.ended(ID, false);
    one.beat();
    assertThere(other.open(), one);
  }

  @Test
  void butOneThatEndedForGoodIsItsNodesToRemember() {
    one.open();
    one.end(true);
    assertThere(other.open(), one);
  }

  @Test
  void ofANodeThatIsGoneAnyOtherTakesIt() {
    one.open();
    store.expire(one.cluster.id());
    other.beat();
    other.settle();
    assertThat(other.command()).isEqualTo(new Place.Here());
    assertThat(other.open()).isEqualTo(new Place.Here());
    assertThat(other.cluster.taken()).isOne();
  }

  @Test
  void oneThatHasJustComeIsNotTakenForGone() {
    Member third = new Member(URI.create("http://third.invalid"));
    try {
      third.open();
      assertThere(other.open(), third);
    } finally {
      third.cluster.close();
    }
  }

  @Test
  void aNodeThatComesToLifeAgainLosesWhatOthersHaveTaken() {
    one.open();
    store.expire(one.cluster.id());
    other.beat();
    other.open();
    one.beat();
    assertThat(one.moved).containsExactly(ID);
    assertThat(other.sessions).containsExactly(ID);
  }

  @Test
  void soDoesOneThatLivesAndCanNotBeReached() {
    one.open();
    other.open();
    Question again = question(true, false, null).excluding(one.node());
    assertThat(other.find(again)).isEqualTo(new Place.Here());
    one.beat();
    assertThat(one.moved).containsExactly(ID);
  }

  @Test
  void nothingIsHandedOnTwice() {
    one.open();
    assertThat(other.find(question(true, true, null))).isEqualTo(new Place.Elsewhere());
  }

  @Test
  void aNodeThatDrainsSendsThemToAnother() {
    other.beat();
    one.accepting = false;
    one.beat();
    other.beat();
    assertThere(one.open(), other);
    assertThat(store.claims()).isEmpty();
    // The other node opens it, and doesn't send it back.
    assertThat(other.find(question(true, true, null))).isEqualTo(new Place.Here());
  }

  @Test
  void whatIsHandedToOneThatDrainsIsSentBack() {
    one.accepting = false;
    assertThat(one.find(question(true, true, null))).isEqualTo(new Place.Elsewhere());
    assertThat(store.claims()).isEmpty();
  }

  @Test
  void withoutTheStoreEachServesByItselfAndKnowsWhatItKnew() {
    one.open();
    other.open();
    store.goDown(true);
    assertThere(other.open(), one);
    Question unknown = question("another-events-id", true, false, null);
    assertThat(other.find(unknown)).isNotInstanceOf(Place.Unknown.class);
    assertThat(other.cluster.state()).isEqualTo("down");
  }

  @Test
  void withoutTheStoreAllChooseTheSameNodeForASessionThatNobodyKnows() {
    one.beat();
    store.goDown(true);
    int here = 0;
    for (int i = 0; i < 200; i++) {
      Question question = question("session-number-" + i, true, false, null);
      boolean first = one.find(question) instanceof Place.Here;
      boolean second = other.find(question) instanceof Place.Here;
      assertThat(first).isNotEqualTo(second);
      here += first ? 1 : 0;
    }
    assertThat(here).isBetween(20, 180);
    assertThat(one.cluster.servedAlone()).isEqualTo(here);
  }

  @Test
  void whatCanNotBeFoundOutIsNotSaidToBeNowhere() {
    store.goDown(true);
    Question command = question(false, true, null);
    assertThat(one.find(command)).isEqualTo(new Place.Unknown());
  }

  @Test
  void whenItIsBackOfTwoTheLaterEnds() {
    openBoth();
    one.beat();
    assertThat(one.moved).containsExactly(ID);
    assertThat(other.moved).isEmpty();
    assertThat(one.cluster.state()).isEqualTo("up");
  }

  @Test
  void andTheOtherTooWhereItsClientMayHaveBeenMisled() {
    openBoth();
    one.misleads = true;
    other.misleads = true;
    one.beat();
    other.beat();
    assertThat(one.moved).containsExactly(ID);
    assertThat(other.moved).containsExactly(ID);
    assertThat(store.claims()).isEmpty();
  }

  @Test
  void aThirdThatItsClientOpensThenStays() {
    openBoth();
    one.misleads = true;
    one.beat();
    assertThat(one.open()).isEqualTo(new Place.Here());
    other.beat();
    one.beat();
    other.beat();
    one.beat();
    assertThat(one.sessions).containsExactly(ID);
    assertThere(other.open(), one);
  }

  /** While neither could reach the other, and the store has what the other node has. */
  private void openBoth() {
    store.goDown(true);
    Question handedOn = question(true, true, null);
    one.find(handedOn);
    other.find(handedOn);
    store.goDown(false);
    other.beat();
  }

  @Test
  void whileItHasForgottenEverythingNobodyIsToldThatThereIsNoSession() {
    one.open();
    store.forget();
    assertThat(other.command()).isEqualTo(new Place.Unknown());
  }

  @Test
  void whatItForgotIsClaimedAgain() {
    one.open();
    store.forget();
    one.beat();
    assertThere(other.open(), one);
    assertThat(one.moved).isEmpty();
  }

  @Test
  void whatWasRefusedIsNotKeptFromOthers() throws InterruptedException {
    one.full = true;
    one.open();
    assertThat(store.claims()).hasSize(1);
    Thread.sleep(2_100);
    one.beat();
    assertThat(store.claims()).isEmpty();
  }

  @Test
  void whatIsOpenedLateIsClaimedAgain() throws InterruptedException {
    one.full = true;
    one.open();
    Thread.sleep(2_100);
    one.beat();
    one.sessions.add(ID);
    one.cluster.opened(ID);
    one.cluster.settle();
    assertThat(store.claims()).hasSize(1);
    assertThere(other.open(), one);
  }

  @Test
  void anIdleSessionCostsTheStoreNothing() {
    for (int i = 0; i < 100; i++) {
      one.find(question("session-number-" + i, true, false, null));
    }
    int before = store.calls();
    one.beat();
    int calls = store.calls() - before;
    before = store.calls();
    one.beat();
    assertThat(store.calls() - before).isEqualTo(calls).isLessThan(5);
  }

  /** Four threads would need 3.5 s if each were looked up by itself. */
  @Test
  void aDistantStoreDelaysNewcomersByAFewRoundTrips() {
    one.settle();
    store.delay(Duration.ofMillis(7));
    List<CompletableFuture<Place>> strangers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      CompletableFuture<Place> place = new CompletableFuture<>();
      strangers.add(place);
      one.cluster.find(question("unknown" + i, false, false, null), place::complete);
    }
    long asked = System.nanoTime();
    assertThat(one.open()).isEqualTo(new Place.Here());
    assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(1));
    assertThat(strangers.stream().map(CompletableFuture::join))
        .allMatch(place -> place.equals(new Place.Here()));
  }

  /** The other node may have been cut off as well, and be about to return. */
  @Test
  void aNodeThatWasCutOffFromTheStoreTakesNothingFromOthersBeforeALeaseIsOver() {
    one.open();
    other.open();
    store.goDown(true);
    assertThatThrownBy(other::beat).isInstanceOf(IllegalStateException.class);
    assertThere(other.command(), one);
    other.cluster.forget(ID);
    store.expire(one.cluster.id());
    store.expire(other.cluster.id());
    store.goDown(false);
    other.beat();

    assertThere(other.open(), one);
    assertThere(other.command(), one);
    assertThat(other.cluster.taken()).isZero();
    other.settle();
    other.beat();
    assertThat(other.open()).isEqualTo(new Place.Here());
  }

  /** Perhaps it can't reach only the store, and its clients still receive its events. */
  @Test
  void aSessionWhoseNodeHasLostItsLeaseIsNotSaidToBeNowhereBeforeItsClientHasGivenUp() {
    one.open();
    other.settle();
    other.beat();
    store.expire(one.cluster.id());
    other.beat();
    assertThat(other.command()).isEqualTo(new Place.Unknown());
    assertThat(other.open()).isEqualTo(new Place.Here());
  }

  /** During the time in which it couldn't be claimed. */
  @Test
  void norIsOneThatSuchANodeHasOpenedSince() {
    other.settle();
    other.beat();
    store.expire(one.cluster.id());
    other.beat();
    assertThat(other.command()).isEqualTo(new Place.Unknown());
    other.settle();
    assertThat(other.command()).isEqualTo(new Place.Here());
  }

  /** Its sessions ended earlier than the node. */
  @Test
  void aNodeThatHasDrainedLeavesNoDoubt() {
    one.accepting = false;
    one.beat();
    other.beat();
    other.settle();
    one.cluster.close();
    other.beat();
    assertThat(other.command()).isEqualTo(new Place.Here());
  }

  /** A node that joined and left meanwhile isn't known here at all. */
  @Test
  void norFromANodeThatItHasNeverSeen() {
    store.goDown(true);
    assertThatThrownBy(other::beat).isInstanceOf(IllegalStateException.class);
    other.command();
    store.goDown(false);
    Member third = new Member(URI.create("http://third.invalid"));
    third.open();
    store.expire(third.cluster.id());
    other.beat();
    try {
      assertThat(other.open()).isEqualTo(new Place.Unknown());
      assertThat(third.moved).isEmpty();
    } finally {
      third.cluster.close();
    }
  }

  /** Then what is relayed to it is given up. */
  @Test
  void aNodeLivesUntilItsLeaseEnds() {
    one.beat();
    one.beat();
    assertThat(one.cluster.lives(other.node())).isTrue();

    store.expire(other.cluster.id());
    one.beat();
    assertThat(one.cluster.lives(other.node())).isFalse();
  }

  /** Here by a claim of a node that this one doesn't know yet. */
  @Test
  void howeverItIsFoundThatTheLeaseIsOver() {
    one.beat();
    Member third = new Member(URI.create("http://third.invalid"));
    try {
      third.open();
      store.expire(other.cluster.id());
      one.sessions.add(ID);
      one.cluster.opened(ID);
      one.cluster.settle();
      assertThat(one.moved).containsExactly(ID);
      assertThat(one.cluster.lives(other.node())).isFalse();
    } finally {
      third.cluster.close();
    }
  }

  /** All nodes lose their leases, and renew them a moment later. */
  @Test
  void noNodeIsGoneForAStoreThatHasForgottenEverything() {
    one.beat();
    store.forget();
    one.beat();
    one.command();
    assertThat(one.cluster.lives(other.node())).isTrue();
  }

  @Test
  void aNodeThatIsAboutToStopIsNotRememberedButLookedUp() {
    one.open();
    assertThere(other.command(), one);
    assertThat(other.cluster.known(ID).id()).isEqualTo(one.cluster.id());

    one.accepting = false;
    one.beat();
    other.beat();
    assertThat(other.cluster.known(ID)).isNull();
    assertThere(other.command(), one);
  }

  @Test
  void nodesWithAnotherSecretAreReported() {
    assertThat(one.cluster.state()).isEqualTo("up");
    store.otherSecrets(1);
    for (int i = 0; i < 10; i++) {
      one.beat();
    }
    assertThat(one.cluster.state()).isEqualTo("other_secret");
    assertThat(one.cluster.otherSecrets()).isOne();
  }
}
