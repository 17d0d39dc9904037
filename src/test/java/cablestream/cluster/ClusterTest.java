package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FakeTimers;
import java.net.URI;
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
 * Two nodes and what they agree on. Beats are this test's, so nothing depends on when they come.
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

  /** A node, and the sessions that it has. */
  private final class Member implements LocalSessions {
    private final Set<String> sessions = ConcurrentHashMap.newKeySet();
    private final List<String> moved = new ArrayList<>();
    private final Cluster cluster;
    private final URI address;
    private volatile boolean accepting = true;
    private boolean full;

    Member(URI address) {
      this.address = address;
      cluster =
          new Cluster(
              "node-%011d".formatted(STARTS.incrementAndGet()),
              new ClusterSettings(
                  URI.create("redis://none.invalid"), "0123456789abcdef0123456789abcdef", address),
              new FakeTimers(),
              store.view());
      cluster.use(this);
      beat();
    }

    void beat() {
      cluster.beat(address);
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
      return find(new Question(ID, true, false, null));
    }

    Place command() {
      return find(new Question(ID, false, false, null));
    }

    void end(boolean forGood) {
      sessions.remove(ID);
      cluster.left(ID, forGood);
      // By a thread of its own.
      Awaitility.await().until(() -> forGood || store.claims().isEmpty());
    }

    Node node() {
      return new Node(cluster.id(), address, accepting);
    }

    @Override
    public boolean isOpen(String session) {
      return sessions.contains(session);
    }

    @Override
    public void moved(String session) {
      sessions.remove(session);
      moved.add(session);
    }

    @Override
    public boolean isAccepting() {
      return accepting;
    }
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
      Question question = new Question("session-number-" + i, true, false, null);
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
    one.cluster.settled();
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

  @Test
  void oneThatIsOpenedAgainBeforeItsEndIsToldKeepsItsClaim() {
    one.open();
    one.cluster.left(ID, false);
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
    other.cluster.settled();
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
    Question again = new Question(ID, true, false, null).excluding(one.node());
    assertThat(other.find(again)).isEqualTo(new Place.Here());
    one.beat();
    assertThat(one.moved).containsExactly(ID);
  }

  @Test
  void nothingIsHandedOnTwice() {
    one.open();
    assertThat(other.find(new Question(ID, true, true, null))).isEqualTo(new Place.Elsewhere());
  }

  @Test
  void aNodeThatDrainsSendsThemToAnother() {
    other.beat();
    one.accepting = false;
    one.beat();
    other.beat();
    assertThere(one.open(), other);
    assertThat(store.claims()).isEmpty();
    // The other one opens it, and doesn't send it back.
    assertThat(other.find(new Question(ID, true, true, null))).isEqualTo(new Place.Here());
  }

  @Test
  void whatIsHandedToOneThatDrainsIsSentBack() {
    one.accepting = false;
    assertThat(one.find(new Question(ID, true, true, null))).isEqualTo(new Place.Elsewhere());
    assertThat(store.claims()).isEmpty();
  }

  @Test
  void withoutTheStoreEachServesByItselfAndKnowsWhatItKnew() {
    one.open();
    other.open();
    store.goDown(true);
    assertThere(other.open(), one);
    Question unknown = new Question("another-events-id", true, false, null);
    assertThat(other.find(unknown)).isNotInstanceOf(Place.Unknown.class);
    assertThat(other.cluster.state()).isEqualTo("down");
  }

  @Test
  void withoutTheStoreAllChooseTheSameNodeForASessionThatNobodyKnows() {
    one.beat();
    store.goDown(true);
    int here = 0;
    for (int i = 0; i < 200; i++) {
      Question question = new Question("session-number-" + i, true, false, null);
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
    Question command = new Question(ID, false, true, null);
    assertThat(one.find(command)).isEqualTo(new Place.Unknown());
  }

  @Test
  void whenItIsBackOfTwoTheLaterEnds() {
    store.goDown(true);
    Question handedOn = new Question(ID, true, true, null);
    one.find(handedOn);
    other.find(handedOn);
    store.goDown(false);
    other.beat();
    one.beat();
    assertThat(one.moved).containsExactly(ID);
    assertThat(other.moved).isEmpty();
    assertThat(one.cluster.state()).isEqualTo("up");
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
    one.cluster.review();
    one.beat();
    assertThat(store.claims()).isEmpty();
  }

  @Test
  void whatIsOpenedLateIsClaimedAgain() throws InterruptedException {
    one.full = true;
    one.open();
    Thread.sleep(2_100);
    one.cluster.review();
    one.beat();
    one.sessions.add(ID);
    one.cluster.opened(ID);
    // By a thread of its own.
    Awaitility.await().until(() -> store.claims().size() == 1);
    assertThere(other.open(), one);
  }

  @Test
  void anIdleSessionCostsTheStoreNothing() {
    for (int i = 0; i < 100; i++) {
      one.find(new Question("session-number-" + i, true, false, null));
    }
    int before = store.calls();
    one.beat();
    int calls = store.calls() - before;
    before = store.calls();
    one.beat();
    assertThat(store.calls() - before).isEqualTo(calls).isLessThan(5);
  }
}
