package cablestream.cluster;

import cablestream.cluster.Nodes.Place;
import cablestream.cluster.Nodes.Question;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which node has which session, as the store has it, and what this node makes of it while that
 * can't be asked. Most methods wait for the store: for {@link Cluster}'s threads only.
 */
final class Directory {
  private static final Logger LOG = LoggerFactory.getLogger(Directory.class);

  /**
   * As long as other nodes may take to notice that the store is back, and to claim what they have.
   */
  private static final long CLAIMING_NANOS = Duration.ofSeconds(4).toNanos();

  private final String id;
  private final Store store;
  private final Signatures signatures;
  private final KnownNodes nodes;
  private final Claims claims;
  private final ClaimKeeper keeper;
  private final RateLimit<RuntimeException> tallies;
  private final LongAdder alone = new LongAdder();
  private final LongAdder taken = new LongAdder();

  private volatile LocalSessions sessions;
  private volatile boolean up;
  private volatile boolean stopped;
  private volatile long claimedAgain = System.nanoTime() - CLAIMING_NANOS;

  /** What the store has of this node; on the beating thread. */
  private String line;

  /**
   * @param id this node's
   * @param timers for what is logged once a minute
   */
  Directory(
      String id,
      Store store,
      Signatures signatures,
      KnownNodes nodes,
      Claims claims,
      Timers timers) {
    this.id = id;
    this.store = store;
    this.signatures = signatures;
    this.nodes = nodes;
    this.claims = claims;
    keeper = new ClaimKeeper(id, store, nodes, claims);
    tallies =
        new RateLimit<>(
            timers,
            (times, latest) ->
                LOG.warn(
                    "event=cluster_store_down times={} served_alone={} error=\"{}\"",
                    times,
                    alone.sum(),
                    latest.toString()));
  }

  boolean isUp() {
    return up;
  }

  /** Whether there is more to claim than one beat does. */
  boolean isBehind() {
    return up && keeper.isBehind();
  }

  long servedAlone() {
    return alone.sum();
  }

  long moved() {
    return keeper.moved();
  }

  long taken() {
    return taken.sum();
  }

  /** With the next beat. */
  void claimLater(Collection<String> keys) {
    keeper.claimLater(keys);
  }

  /** Nobody is asked any more. */
  void stop() {
    stopped = true;
    up = false;
  }

  /** Ends this node's lease, after the last beat. */
  void leave() {
    if (line != null) {
      try {
        store.leave(id, line);
      } catch (RuntimeException e) {
        LOG.info("event=cluster_store_down error=\"{}\"", e.toString()); // it ends by itself
      }
    }
  }

  void close() {
    store.close();
  }

  Place ask(Question question) {
    String key = signatures.hash(question.session());
    if (!up) {
      return serveAlone(question); // it has gone while this one waited for its turn
    }
    try {
      return ask(key, question);
    } catch (RuntimeException e) {
      // A connection that was idle may be one that the store has closed: the next one is new.
    }
    try {
      return ask(key, question);
    } catch (RuntimeException e) {
      down(e);
      return serveAlone(question);
    }
  }

  private Place ask(String key, Question question) {
    Node other = question.opens() ? claim(key, question) : owner(key, question);
    if (other == null && !question.opens() && mayHaveForgotten()) {
      return new Place.Unknown();
    }
    return other == null ? here(key, question) : there(question, other);
  }

  /** The node that has it, if it isn't this one, which claims it where it can. */
  private Node claim(String key, Question question) {
    String owner =
        question.vain() == null
            ? store.claim(id, List.of(key)).get(0)
            : store.take(id, key, question.vain().id());
    boolean takes = question.vain() != null;
    while (!owner.equals(id)) {
      Node other = nodes.living(owner, store::nodes);
      if (other != null) {
        return other;
      }
      owner = store.take(id, key, owner);
      takes = true;
    }
    if (takes) {
      taken.increment();
    }
    return null;
  }

  private Node owner(String key, Question question) {
    String owner = store.owner(key);
    boolean vain = question.vain() != null && question.vain().id().equals(owner);
    return owner == null || owner.equals(id) || vain ? null : nodes.living(owner, store::nodes);
  }

  /** Whether the store has forgotten everything, and not all nodes may have claimed again. */
  private boolean mayHaveForgotten() {
    return System.nanoTime() - claimedAgain < CLAIMING_NANOS
        || store.nodes().stream().noneMatch(each -> each.startsWith(id + ' '));
  }

  private Place here(String key, Question question) {
    if (!question.opens()) {
      return new Place.Here();
    }
    if (!sessions.isAccepting()) {
      Node other = nodes.anyOther(question.vain());
      store.release(id, List.of(key));
      if (question.handedOn()) {
        return new Place.Elsewhere();
      }
      return other == null ? new Place.Here() : new Place.There(other);
    }
    claims.add(key, question.session(), System.nanoTime());
    return new Place.Here();
  }

  private Place there(Question question, Node other) {
    if (question.handedOn()) {
      return new Place.Elsewhere();
    }
    nodes.remember(question.session(), other, System.nanoTime());
    return new Place.There(other);
  }

  /** Nobody can be asked. */
  Place serveAlone(Question question) {
    if (!question.handedOn()) {
      Node known =
          question.vain() == null ? nodes.find(question.session(), System.nanoTime()) : null;
      Node other = known == null ? nodes.chosen(question.session(), question.vain()) : known;
      if (other != null) {
        return new Place.There(other);
      }
    }
    if (!question.opens()) {
      // It may well be somewhere: whoever is told that it isn't gives it up.
      return new Place.Unknown();
    }
    if (sessions.isAccepting()) {
      alone.increment();
    }
    return new Place.Here();
  }

  /** Gives up what sessions have left. */
  void settle() {
    if (up) {
      try {
        keeper.settle();
      } catch (RuntimeException e) {
        down(e);
      }
    }
  }

  /** Claims what this node has; tells whom another has. */
  void tryToClaimAgain(List<String> keys) {
    try {
      keeper.claimAgain(keys);
    } catch (RuntimeException e) {
      down(e);
    }
  }

  void down(RuntimeException failure) {
    up = false;
    if (!stopped) {
      tallies.count(failure);
    }
  }

  /** Tells the others of this node, and learns of them. */
  void beat(URI address) {
    String said = new Node(id, address, sessions.isReady()).line();
    Store.Beat beat = store.beat(id, said, line == null ? said : line);
    line = said;
    nodes.live(beat.nodes());
    keeper.loseTaken(beat.taken());
    boolean wasUp = up;
    // First, so that whatever is opened from now on is claimed.
    up = !stopped;
    if (!wasUp || !beat.known()) {
      claimedAgain = System.nanoTime();
      claimLater(claims.keys());
    }
    if (!wasUp) {
      LOG.info("event=cluster_store_up node={} nodes={} address={}", id, nodes.count(), address);
    }
    keeper.claimSome();
    settle();
    keeper.renew();
  }

  /** Gives up what wasn't opened. */
  void review() {
    claims.review(sessions, System.nanoTime());
  }

  /** All nodes have claimed what they have; for tests, which don't wait for it. */
  void settled() {
    claimedAgain = System.nanoTime() - CLAIMING_NANOS;
  }

  /** The sessions of this node. */
  void use(LocalSessions localSessions) {
    sessions = localSessions;
    keeper.use(localSessions);
  }
}
