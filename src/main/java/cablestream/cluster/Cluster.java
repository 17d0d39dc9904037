package cablestream.cluster;

import cablestream.concurrent.DaemonThreads;
import cablestream.concurrent.Fault;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node and the others: which of them has which session, according to the store, and how this
 * node decides while the store is unreachable.
 *
 * <p>Each node has one lease for all its sessions, which a thread of its own renews each second. A
 * session is claimed when it is opened, by the hash of its name. The claim counts while its node's
 * lease lasts, ends with the session, and costs the store nothing meanwhile. While the store is
 * unreachable, a session is at the node that is known to have it, otherwise at the one that all
 * nodes choose while they know of the same nodes (rendezvous hashing). Once the store is back, each
 * node claims its sessions, and those that another node has claimed first end.
 *
 * <p>Any thread, and nothing blocks except threads of its own, which wait for the store.
 */
public final class Cluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final String NAME = "cablestream-cluster";

  private static final long BEAT_NANOS = Duration.ofSeconds(1).toNanos();

  /** The number of beats between two checks of the nodes' secrets. */
  private static final int BEATS_OF_SECRETS = 10;

  private static final long LEASE_NANOS = Duration.ofMillis(ValkeyStore.LEASE_MILLIS).toNanos();
  private static final long PATIENCE_MILLIS = 3_000;

  /**
   * How long other nodes may need to notice that the store is back, and to claim their sessions.
   */
  private static final long CLAIMING_NANOS = Duration.ofSeconds(4).toNanos();

  private final String id;
  private final Secret secret;
  private final Store store;
  private final KnownNodes nodes;
  private final Claims claims;
  private final AddressCheck address;
  private final RateLimit<RuntimeException> log;
  private final LongAdder alone = new LongAdder();
  private final LongAdder taken = new LongAdder();

  private final DaemonThreads threads = new DaemonThreads(NAME);

  /** Writes all that the store has of this node but new claims. */
  private final Thread beating = threads.newThread(this::beatOn);

  private final ThreadPoolExecutor lookUpThreads =
      new ThreadPoolExecutor(
          LookUps.THREADS,
          LookUps.THREADS,
          10,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          threads,
          new ThreadPoolExecutor.DiscardPolicy()); // after the end

  private final LookUps lookUps;

  private volatile LocalSessions sessions;
  private volatile boolean up;
  private volatile boolean closed;
  private volatile int otherSecrets;

  /** On the beating thread. */
  private int beats;

  /** This node's line in the store; on the beating thread. */
  private String line;

  /**
   * Starts nothing yet.
   *
   * @param id this node's, another one with each start: 16 characters that are valid in a URL
   * @param timers for deadlines, for how long nodes are doubted, and for log lines
   * @param pool runs what follows from a deadline
   * @param account is charged for requests that wait for the store
   */
  public Cluster(
      String id, ClusterSettings settings, Timers timers, Executor pool, Account account) {
    this(id, settings, timers, pool, account, null);
  }

  /**
   * @param store null for the one of the settings
   */
  Cluster(
      String id,
      ClusterSettings settings,
      Timers timers,
      Executor pool,
      Account account,
      Store store) {
    this.id = id;
    secret = new Secret(settings.secret());
    // Nodes with another secret don't belong to this cluster, and must not see its claims.
    String prefix = "cablestream:" + secret.hash("").substring(0, 8) + ":";
    this.store = store == null ? new ValkeyStore(settings.store(), prefix) : store;
    nodes = new KnownNodes(id, timers);
    claims = new Claims(id, this.store, nodes);
    address = new AddressCheck(settings, id, threads);
    lookUps = new LookUps(this::ask, timers, pool, account, lookUpThreads);
    lookUpThreads.allowCoreThreadTimeOut(true);
    log =
        new RateLimit<>(
            timers,
            (times, latest) ->
                LOG.warn(
                    "event=cluster_store_down times={} served_alone={} error=\"{}\"",
                    times,
                    alone.sum(),
                    Fault.kind(latest)));
  }

  /** Announces this node to the others. */
  public void start(LocalSessions localSessions) {
    use(localSessions);
    beating.start();
  }

  /** Sets the sessions of this node. */
  void use(LocalSessions localSessions) {
    sessions = localSessions;
    claims.use(localSessions);
  }

  /** Whether a node has a lease, as far as this one knows. */
  public boolean lives(Node node) {
    return nodes.node(node.id()) != null;
  }

  /** This node's id. */
  public String id() {
    return id;
  }

  /** The secret that all nodes share. */
  public Secret secret() {
    return secret;
  }

  /** Whether the latest request to the store succeeded. */
  public boolean isUp() {
    return up;
  }

  /** The same and other problems for an operator, as {@code /-/ready} returns them. */
  public String state() {
    if (!up) {
      return "down";
    }
    return isUnreachable() ? "address_unreachable" : otherSecrets > 0 ? "other_secret" : "up";
  }

  /** Whether other nodes can't reach this one at its announced address. */
  public boolean isUnreachable() {
    return address.isUnreachable();
  }

  /** The number of other secrets among nodes that use the same store. */
  public int otherSecrets() {
    return otherSecrets;
  }

  /** The number of live nodes, including this one, as far as this one knows. */
  public int count() {
    return nodes.count();
  }

  /** Whether another node accepts new sessions, as far as this one knows. */
  public boolean doOthersAccept() {
    return nodes.anyOther(null) != null;
  }

  /** The number of sessions that were opened here without the store. */
  public long servedAlone() {
    return alone.sum();
  }

  /** The number of sessions that ended here because another node had claimed them. */
  public long moved() {
    return claims.moved();
  }

  /** The number of sessions taken over from a node that was gone or refused them. */
  public long taken() {
    return taken.sum();
  }

  // ---- where a session is ----

  /**
   * The node that was found recently for the session; null for none, and for one that will soon
   * stop, which may have released the session.
   */
  public Node known(String session) {
    Node node = nodes.find(session);
    return node == null || !node.accepting() && up ? null : node;
  }

  /** The node doesn't have the session any more. */
  public void forget(String session) {
    nodes.forget(session);
  }

  /** Finds a session's place, and claims it for this node if it opens here. */
  public void find(Question question, Consumer<Place> then) {
    if (!up) {
      then.accept(withoutStore(question));
    } else if (question.opens() && claims.isCrowded()) {
      then.accept(new Place.Busy());
    } else {
      lookUps.add(question, then);
    }
  }

  private List<Place> ask(List<Question> questions) {
    if (!up) {
      return withoutStore(questions); // the store failed while these waited for their turn
    }
    try {
      return lookUp(questions);
    } catch (RuntimeException e) {
      // The store may have closed an idle connection; the second attempt uses a new one.
    }
    try {
      return lookUp(questions);
    } catch (RuntimeException e) {
      down(e);
      return withoutStore(questions);
    }
  }

  private List<Place> withoutStore(List<Question> questions) {
    return questions.stream().map(this::withoutStore).toList();
  }

  /** A question, and the store's answer about its session. */
  private static final class Asked {
    private final Question question;
    private final String key;

    /** Null for none. */
    private String owner;

    Asked(Question question, String key) {
      this.question = question;
      this.key = key;
    }
  }

  private List<Place> lookUp(List<Question> questions) {
    List<Asked> all =
        questions.stream()
            .map(question -> new Asked(question, secret.hash(question.session())))
            .toList();
    ask(all, false, store::owners);
    ask(all, true, keys -> store.claim(id, keys));
    if (!all.stream().allMatch(this::isKnown)) {
      nodes.live(store.nodes());
    }
    take(all.stream().filter(asked -> asked.question.opens() && isVacant(asked)).toList());
    boolean accepting = sessions.isAccepting();
    if (!accepting) {
      // Released before another node is asked to open it.
      store.release(id, all.stream().filter(this::isToOpen).map(asked -> asked.key).toList());
    }
    return all.stream().map(asked -> place(asked, accepting)).toList();
  }

  private static void ask(
      List<Asked> all, boolean opens, Function<List<String>, Map<String, String>> owners) {
    List<Asked> some = all.stream().filter(asked -> asked.question.opens() == opens).toList();
    Map<String, String> found = owners.apply(some.stream().map(asked -> asked.key).toList());
    some.forEach(asked -> asked.owner = found.get(asked.key));
  }

  /** Takes over claims from their owners. */
  private void take(List<Asked> vacant) {
    Map<String, String> from = new HashMap<>();
    vacant.forEach(asked -> from.put(asked.key, asked.owner));
    Map<String, String> owners = store.take(id, from);
    for (Asked asked : vacant) {
      asked.owner = owners.get(asked.key);
      if (id.equals(asked.owner)) {
        taken.increment();
      }
    }
  }

  /** Whether no node has the session, as far as this one knows. */
  private boolean isVacant(Asked asked) {
    Node excluded = asked.question.excluded();
    return asked.owner == null
        || excluded != null && excluded.id().equals(asked.owner)
        || nodes.isDead(asked.owner);
  }

  /** Whether the answer doesn't need the list of live nodes. */
  private boolean isKnown(Asked asked) {
    return asked.owner == null
        ? asked.question.opens()
        : asked.owner.equals(id) || nodes.node(asked.owner) != null;
  }

  private boolean isToOpen(Asked asked) {
    return asked.question.opens() && id.equals(asked.owner);
  }

  private Place place(Asked asked, boolean accepting) {
    Question question = asked.question;
    if (isVacant(asked)) {
      boolean unknown = question.opens() || nodes.mayHideSessions();
      return unknown ? new Place.Unknown() : new Place.Here();
    }
    if (!asked.owner.equals(id)) {
      Node other = nodes.node(asked.owner);
      return other == null ? new Place.Unknown() : there(question, other);
    }
    if (!question.opens()) {
      return new Place.Here();
    }
    return opening(asked.key, question, accepting);
  }

  private Place there(Question question, Node other) {
    if (question.handedOn()) {
      return new Place.Elsewhere();
    }
    nodes.remember(question.session(), other);
    return new Place.There(other);
  }

  /** The session is claimed for this node. */
  private Place opening(String key, Question question, boolean accepting) {
    if (accepting) {
      claims.add(key, question.session());
      return new Place.Here();
    }
    if (question.handedOn()) {
      return new Place.Elsewhere();
    }
    Node other = nodes.anyOther(question.excluded());
    return other == null ? new Place.Here() : new Place.There(other);
  }

  private Place withoutStore(Question question) {
    if (!question.handedOn()) {
      Node known = question.excluded() == null ? known(question.session()) : null;
      Node other = known == null ? nodes.chosen(question.session(), question.excluded()) : known;
      if (other != null) {
        return new Place.There(other);
      }
    }
    if (!question.opens()) {
      // It may exist somewhere, and a client that receives a 404 gives up.
      return new Place.Unknown();
    }
    if (sessions.isAccepting()) {
      alone.increment();
    }
    return new Place.Here();
  }

  // ---- sessions of this node ----

  /**
   * A session of this node was opened. It is claimed already, unless the store was unreachable or
   * the request took long; in that case it is claimed now.
   */
  public void opened(String session) {
    String key = secret.hash(session);
    if (!claims.has(key)) {
      claims.open(key, session);
      // While the store is unreachable nothing is claimed; all sessions are once it is back.
      if (up) {
        claims.claimLater(key);
        LockSupport.unpark(beating);
      }
    }
  }

  /**
   * A session of this node has ended.
   *
   * @param forGood whether its name can't be used again for a while
   */
  public void ended(String session, boolean forGood) {
    String key = secret.hash(session);
    if (closed || !claims.has(key)) {
      return;
    }
    claims.release(key, forGood);
    if (sessions.isOpen(session)) {
      opened(session); // opened again between its end and this
    }
    LockSupport.unpark(beating);
  }

  // ---- the store ----

  private void down(RuntimeException failure) {
    up = false;
    if (!closed) {
      log.count(failure);
    }
  }

  private void beatOn() {
    long next = System.nanoTime();
    while (!closed) {
      try {
        if (System.nanoTime() - next >= 0) {
          next = System.nanoTime() + BEAT_NANOS;
          beat(address.address());
          address.review(nodes.others());
        } else {
          settle();
        }
      } catch (RuntimeException e) {
        down(e);
      } catch (Throwable e) {
        Fault.log(LOG, "event=task_failed", e); // the next beat may succeed
      }
      if (!up || !claims.isBehind()) {
        LockSupport.parkNanos(next - System.nanoTime()); // or until a session is opened or ends
      }
    }
  }

  /** Updates the claims of sessions that were opened or ended. */
  void settle() {
    if (up) {
      claims.settle();
    }
  }

  /** Renews this node's lease, reads the list of the others, and updates the claims. */
  void beat(URI ownAddress) {
    String current = new Node(id, ownAddress, sessions.isReady(), Node.PROTOCOL).line();
    Store.Beat beat = store.beat(id, current, line == null ? current : line);
    boolean wasUp = up;
    if (line != null && !(wasUp && beat.known())) {
      // Others may have been disconnected like this one, and will be back soon.
      nodes.keepFor(LEASE_NANOS);
    }
    line = current;
    nodes.live(beat.nodes());
    claims.loseTaken(beat.taken());
    // First, so that sessions opened from now on are claimed.
    up = !closed;
    if (!wasUp || !beat.known()) {
      nodes.doubtFor(CLAIMING_NANOS);
      claims.claimAllLater();
    }
    if (!wasUp) {
      LOG.info("event=cluster_store_up node={} nodes={} address={}", id, count(), ownAddress);
    }
    claims.update();
    if (beats % BEATS_OF_SECRETS == 0) {
      otherSecrets = store.otherSecrets();
    }
    beats++;
  }

  /** Releases all claims of this node. */
  @Override
  public void close() {
    closed = true;
    up = false;
    lookUps.close();
    lookUpThreads.shutdown();
    beating.interrupt();
    try {
      threads.join(PATIENCE_MILLIS);
      leave();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      store.close();
    }
  }

  /** Ends the lease, after the last beat. */
  private void leave() {
    if (line != null) {
      try {
        store.leave(id, line);
      } catch (RuntimeException e) {
        LOG.info("event=cluster_store_down error=\"{}\"", Fault.kind(e)); // it expires by itself
      }
    }
  }
}
