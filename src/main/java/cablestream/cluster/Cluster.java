package cablestream.cluster;

import cablestream.concurrent.DaemonThreads;
import cablestream.concurrent.Fault;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among the others: which of them has which session, as the store has it, and what this
 * node makes of it while that can't be reached.
 *
 * <p>It holds one lease for all its sessions, which a thread of its own renews each second. A
 * session is claimed when it is opened, by its name's hash; the claim counts as long as its node's
 * lease, goes with the session, and costs the store nothing meanwhile. While the store can't be
 * reached, a session is at the node that is known to have it, or else at one that all nodes come to
 * by themselves as long as they know of the same nodes (rendezvous hashing); when it is back,
 * whatever a node has is claimed, and what another has claimed first ends here.
 *
 * <p>Any thread, and nothing blocks but the threads of its own, which wait for the store.
 */
public final class Cluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final String NAME = "cablestream-cluster";

  private static final long BEAT_NANOS = Duration.ofSeconds(1).toNanos();

  /** Between two looks at the nodes' secrets. */
  private static final int BEATS_OF_SECRETS = 10;

  private static final long LEASE_NANOS = Duration.ofMillis(ValkeyStore.LEASE_MILLIS).toNanos();
  private static final long PATIENCE_MILLIS = 3_000;

  /**
   * How long other nodes may need to notice that the store is back, and to claim what they have.
   */
  private static final long CLAIMING_NANOS = Duration.ofSeconds(4).toNanos();

  /** Threads for what sessions leave and have to claim again. */
  private static final int CALLERS = 2;

  /** Sessions that are claimed again one by one; what isn't is claimed with the next beat. */
  private static final int MAX_CALLS = 256;

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
  private final Thread beating = threads.newThread(this::beatOn);

  /** What sessions have to tell the store. */
  private final ThreadPoolExecutor calls =
      new ThreadPoolExecutor(
          CALLERS, CALLERS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_CALLS), threads);

  private final LookUps lookUps;

  /** Whether a task waits that settles the claims that sessions have left. */
  private final AtomicBoolean settling = new AtomicBoolean();

  private volatile LocalSessions sessions;
  private volatile Runnable whenNodesGo = () -> {};
  private volatile boolean up;
  private volatile boolean closed;
  private volatile long claimedAgain = System.nanoTime() - CLAIMING_NANOS;

  private volatile int otherSecrets;

  /** On the beating thread. */
  private int beats;

  /** What the store has of this node; on the beating thread. */
  private String line;

  /**
   * Starts nothing yet.
   *
   * @param id this node's: another one with each start, of 16 characters for a URL
   * @param timers for deadlines, and for what is logged once a minute
   * @param pool runs what follows from a deadline
   * @param account requests that wait for the store are charged to it
   */
  public Cluster(
      String id, ClusterSettings settings, Timers timers, Executor pool, Account account) {
    this(id, settings, timers, pool, account, null);
  }

  /**
   * @param store null: the one that the settings name
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
    // With another secret they are strangers, who mustn't meet one another's claims.
    String prefix = "cablestream:" + secret.hash("").substring(0, 8) + ":";
    this.store = store == null ? new ValkeyStore(settings.store(), prefix) : store;
    nodes = new KnownNodes(id);
    claims = new Claims(id, this.store, nodes);
    address = new AddressCheck(settings, id);
    lookUps = new LookUps(this::ask, timers, pool, account, threads);
    calls.allowCoreThreadTimeOut(true);
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

  /** From now on the others see this node. */
  public void start(LocalSessions localSessions) {
    use(localSessions);
    beating.start();
  }

  /** The sessions of this node. */
  void use(LocalSessions localSessions) {
    sessions = localSessions;
    claims.use(localSessions);
  }

  /**
   * Sets what follows when the lease of another node is over.
   *
   * @param task doesn't wait for anything
   */
  public void whenNodesGo(Runnable task) {
    whenNodesGo = task;
  }

  /** Whether a node holds its lease, as far as this one knows. */
  public boolean lives(Node node) {
    return nodes.node(node.id()) != null;
  }

  /** This node's id. */
  public String id() {
    return id;
  }

  /** The secret of all its nodes. */
  public Secret secret() {
    return secret;
  }

  /** Whether the store was reached when it was last asked. */
  public boolean isUp() {
    return up;
  }

  /** The same, and what else an operator has to mend, as {@code /-/ready} has it. */
  public String state() {
    if (!up) {
      return "down";
    }
    return isUnreachable() ? "address_unreachable" : otherSecrets > 0 ? "other_secret" : "up";
  }

  /** Whether other nodes wouldn't reach this one by the address that it has given them. */
  public boolean isUnreachable() {
    return address.isUnreachable();
  }

  /** How many other secrets nodes have that use the same store. */
  public int otherSecrets() {
    return otherSecrets;
  }

  /** Nodes that live, this one included, as far as this one knows. */
  public int count() {
    return nodes.count();
  }

  /** Whether another node lets new sessions in, as far as this one knows. */
  public boolean doOthersAccept() {
    return nodes.anyOther(null) != null;
  }

  /** Sessions that were served here because the store couldn't be asked. */
  public long servedAlone() {
    return alone.sum();
  }

  /** Sessions that ended here as another node had claimed them. */
  public long moved() {
    return claims.moved();
  }

  /** Sessions that were taken over from a node that was gone, or wouldn't serve them. */
  public long taken() {
    return taken.sum();
  }

  // ---- where a session is ----

  /**
   * The node that was found for the session a short time ago; null for none, and for one that is
   * about to stop, which may have given the session up.
   */
  public Node known(String session) {
    Node node = nodes.find(session);
    return node == null || !node.accepting() && up ? null : node;
  }

  /** That node doesn't have it any more. */
  public void forget(String session) {
    nodes.forget(session);
  }

  /** Finds a session's place, and claims it for this node where it opens here. */
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
      return withoutStore(questions); // it has gone while these waited for their turn
    }
    try {
      return lookUp(questions);
    } catch (RuntimeException e) {
      // A connection that was idle may be one that the store has closed: the next one is new.
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

  /** A question, and what the store has of its session. */
  private static final class Asked {
    private final Question question;
    private final String key;

    /** Null for none. */
    private String owner;

    private boolean taken;

    Asked(Question question, String key) {
      this.question = question;
      this.key = key;
      owner = question.excluded() == null ? null : question.excluded().id();
    }
  }

  private List<Place> lookUp(List<Question> questions) {
    List<Asked> all =
        questions.stream()
            .map(question -> new Asked(question, secret.hash(question.session())))
            .toList();
    ask(all, asked -> !asked.question.opens(), store::owners);
    ask(all, asked -> asked.question.opens() && asked.owner == null, keys -> store.claim(id, keys));
    take(all, asked -> asked.question.opens() && asked.question.excluded() != null);
    if (all.stream().anyMatch(asked -> !isKnown(asked))) {
      if (nodes.live(store.nodes())) {
        whenNodesGo.run();
      }
    }
    take(all, asked -> asked.question.opens() && isDead(asked.owner));
    boolean accepting = sessions.isAccepting();
    if (!accepting) {
      // Before another node is asked to open it.
      store.release(id, all.stream().filter(this::isToOpen).map(asked -> asked.key).toList());
    }
    return all.stream().map(asked -> place(asked, accepting)).toList();
  }

  private static void ask(
      List<Asked> all, Predicate<Asked> of, Function<List<String>, List<String>> owners) {
    List<Asked> some = all.stream().filter(of).toList();
    List<String> found =
        some.isEmpty() ? List.of() : owners.apply(some.stream().map(each -> each.key).toList());
    for (int i = 0; i < some.size(); i++) {
      some.get(i).owner = found.get(i);
    }
  }

  /** Takes claims over from their owners. */
  private void take(List<Asked> all, Predicate<Asked> of) {
    List<Asked> some = all.stream().filter(of).toList();
    some.forEach(asked -> asked.taken = true);
    ask(
        some,
        asked -> true,
        keys -> store.take(id, keys, some.stream().map(asked -> asked.owner).toList()));
  }

  /** Whether the answer needs no list of the nodes that live now. */
  private boolean isKnown(Asked asked) {
    return asked.owner == null
        ? asked.question.opens()
        : asked.owner.equals(id) || nodes.node(asked.owner) != null;
  }

  /** Whether a node's claims don't count any more. */
  private boolean isDead(String owner) {
    return !owner.equals(id) && nodes.areComplete() && nodes.node(owner) == null;
  }

  private boolean isToOpen(Asked asked) {
    return asked.question.opens() && id.equals(asked.owner);
  }

  private Place place(Asked asked, boolean accepting) {
    Question question = asked.question;
    boolean excluded = question.excluded() != null && question.excluded().id().equals(asked.owner);
    if (asked.owner == null || excluded || isDead(asked.owner)) {
      boolean unknown = question.opens() || mayHaveForgotten() || nodes.mayHideSessions();
      return unknown ? new Place.Unknown() : new Place.Here();
    }
    if (!asked.owner.equals(id)) {
      Node other = nodes.node(asked.owner);
      return other == null ? new Place.Unknown() : there(question, other);
    }
    if (!question.opens()) {
      return new Place.Here();
    }
    if (asked.taken) {
      taken.increment();
    }
    return opening(asked.key, question, accepting);
  }

  /** Whether the store has forgotten everything, and not all nodes may have claimed again. */
  private boolean mayHaveForgotten() {
    return System.nanoTime() - claimedAgain < CLAIMING_NANOS || !nodes.isListed();
  }

  private Place there(Question question, Node other) {
    if (question.handedOn()) {
      return new Place.Elsewhere();
    }
    nodes.remember(question.session(), other);
    return new Place.There(other);
  }

  /** It is claimed for this node. */
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
      // It may well be somewhere: a client that gets 404 gives it up.
      return new Place.Unknown();
    }
    if (sessions.isAccepting()) {
      alone.increment();
    }
    return new Place.Here();
  }

  // ---- sessions of this node ----

  /**
   * A session of this node has been opened. It is claimed already, unless the store couldn't be
   * asked, or its request took its time; and in case it wasn't, it is now.
   */
  public void opened(String session) {
    String key = secret.hash(session);
    if (!claims.has(key)) {
      claims.open(key, session);
      // While the store can't be reached, nothing: when it is back, all are claimed.
      if (up && !call(() -> attempt(() -> claims.claimAgain(List.of(key))))) {
        claims.claimLater(key);
      }
    }
  }

  /**
   * A session of this node is over.
   *
   * @param forGood whether its name mustn't be used again for now
   */
  public void left(String session, boolean forGood) {
    String key = secret.hash(session);
    if (closed || !claims.has(key)) {
      return;
    }
    claims.leave(key, forGood);
    if (sessions.isOpen(session)) {
      opened(session); // again, between its end and this
    }
    if (settling.compareAndSet(false, true) && !call(this::settle)) {
      settling.set(false); // the next beat does it
    }
  }

  private void settle() {
    settling.set(false);
    attempt(claims::settle);
  }

  // ---- the store ----

  /** Whether it will be run, on a thread that may wait for the store. */
  private boolean call(Runnable task) {
    try {
      calls.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void attempt(Runnable task) {
    if (up) {
      try {
        task.run();
      } catch (RuntimeException e) {
        down(e);
      }
    }
  }

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
        beat(address.address());
        address.review();
      } catch (RuntimeException e) {
        down(e);
      } catch (Throwable e) {
        Fault.tell(LOG, "event=task_failed", e); // the next beat may do better
      }
      claims.review();
      if (!up || !claims.isBehind()) {
        next = Math.max(next + BEAT_NANOS, System.nanoTime());
        pause(next - System.nanoTime());
      }
    }
  }

  private static void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Renews this node's lease, reads which others there are, and brings the claims up to date. */
  void beat(URI ownAddress) {
    String current = new Node(id, ownAddress, sessions.isReady(), Node.PROTOCOL).line();
    Store.Beat beat = store.beat(id, current, line == null ? current : line);
    boolean wasUp = up;
    if (line != null && !(wasUp && beat.known())) {
      // Others may have been cut off as this one was, and are about to be back.
      nodes.keepFor(LEASE_NANOS);
    }
    line = current;
    if (nodes.live(beat.nodes())) {
      whenNodesGo.run();
    }
    claims.loseTaken(beat.taken());
    // First, so that whatever is opened from now on is claimed.
    up = !closed;
    if (!wasUp || !beat.known()) {
      claimedAgain = System.nanoTime();
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

  /** Gives up claims of sessions that weren't opened; for tests, whose beats are theirs. */
  void review() {
    claims.review();
  }

  /** All nodes have claimed what they have; for tests, which don't wait for it. */
  void settled() {
    claimedAgain = System.nanoTime() - CLAIMING_NANOS;
    nodes.settled();
  }

  /** Gives up all that this node has claimed. */
  @Override
  public void close() {
    closed = true;
    up = false;
    calls.shutdown();
    lookUps.close();
    beating.interrupt();
    try {
      if (beating.isAlive()) {
        beating.join(PATIENCE_MILLIS);
      }
      leave();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      store.close();
    }
    try {
      threads.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the lease, after the last beat. */
  private void leave() {
    if (line != null) {
      try {
        store.leave(id, line);
      } catch (RuntimeException e) {
        LOG.info("event=cluster_store_down error=\"{}\"", Fault.kind(e)); // it ends by itself
      }
    }
  }
}
