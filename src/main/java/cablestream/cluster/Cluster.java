package cablestream.cluster;

import cablestream.concurrent.DaemonThreads;
import cablestream.concurrent.Fault;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
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
  private static final long PATIENCE_MILLIS = 3_000;

  /**
   * How long other nodes may need to notice that the store is back, and to claim what they have.
   */
  private static final long CLAIMING_NANOS = Duration.ofSeconds(4).toNanos();

  private static final int CALLERS = 4;

  /** Each is a request, and the store needs less than a millisecond. */
  private static final int MAX_WAITING = 4_096;

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

  /** What waits for its turn to ask the store, and the threads that wait for its answers. */
  private final ThreadPoolExecutor calls =
      new ThreadPoolExecutor(
          CALLERS, CALLERS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), threads);

  private volatile LocalSessions sessions;
  private volatile boolean up;
  private volatile boolean closed;
  private volatile long claimedAgain = System.nanoTime() - CLAIMING_NANOS;

  /** What the store has of this node; on the beating thread. */
  private String line;

  /**
   * Starts nothing yet.
   *
   * @param id this node's: another one with each start, of 16 characters for a URL
   * @param timers for what is logged once a minute
   */
  public Cluster(String id, ClusterSettings settings, Timers timers) {
    this(id, settings, timers, null);
  }

  /**
   * @param store null: the one that the settings name
   */
  Cluster(String id, ClusterSettings settings, Timers timers, Store store) {
    this.id = id;
    secret = new Secret(settings.secret());
    // With another secret they are strangers, who mustn't meet one another's claims.
    String prefix = "cablestream:" + secret.hash("").substring(0, 8) + ":";
    this.store = store == null ? new ValkeyStore(settings.store(), prefix) : store;
    nodes = new KnownNodes(id);
    claims = new Claims(id, this.store, nodes);
    address = new AddressCheck(settings, id);
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

  /** The same, as {@code /-/ready} has it. */
  public String state() {
    return up ? "up" : "down";
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

  /** The node that was found for the session a short time ago; null for none. */
  public Node known(String session) {
    return nodes.find(session);
  }

  /** That node doesn't have it any more. */
  public void forget(String session) {
    nodes.forget(session);
  }

  /** Finds a session's place, and claims it for this node where it opens here. */
  public void find(Question question, Consumer<Place> then) {
    if (!up) {
      then.accept(withoutStore(question));
    } else if (question.opens() && claims.isCrowded() || !call(() -> then.accept(ask(question)))) {
      then.accept(new Place.Busy());
    }
  }

  private Place ask(Question question) {
    if (closed) {
      return new Place.Busy();
    }
    if (!up) {
      return withoutStore(question); // it has gone while this one waited for its turn
    }
    String key = secret.hash(question.session());
    try {
      return ask(key, question);
    } catch (RuntimeException e) {
      // A connection that was idle may be one that the store has closed: the next one is new.
    }
    try {
      return ask(key, question);
    } catch (RuntimeException e) {
      down(e);
      return withoutStore(question);
    }
  }

  private Place ask(String key, Question question) {
    Node other = question.opens() ? claim(key, question) : owner(key, question);
    if (other != null) {
      return there(question, other);
    }
    if (question.opens()) {
      return opening(key, question);
    }
    return mayHaveForgotten() ? new Place.Unknown() : new Place.Here();
  }

  /** The node that has it, if it isn't this one, which claims it where it can. */
  private Node claim(String key, Question question) {
    Node excluded = question.excluded();
    String owner =
        excluded == null
            ? store.claim(id, List.of(key)).get(0)
            : store.take(id, key, excluded.id());
    boolean takes = excluded != null;
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
    boolean excluded = question.excluded() != null && question.excluded().id().equals(owner);
    return owner == null || owner.equals(id) || excluded ? null : nodes.living(owner, store::nodes);
  }

  /** Whether the store has forgotten everything, and not all nodes may have claimed again. */
  private boolean mayHaveForgotten() {
    return System.nanoTime() - claimedAgain < CLAIMING_NANOS
        || store.nodes().stream().noneMatch(each -> each.startsWith(id + ' '));
  }

  private Place there(Question question, Node other) {
    if (question.handedOn()) {
      return new Place.Elsewhere();
    }
    nodes.remember(question.session(), other);
    return new Place.There(other);
  }

  /** It is claimed for this node. */
  private Place opening(String key, Question question) {
    if (sessions.isAccepting()) {
      claims.add(key, question.session());
      return new Place.Here();
    }
    store.release(id, List.of(key));
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
    call(() -> attempt(claims::settle)); // or the next beat does it
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
    String current = new Node(id, ownAddress, sessions.isReady()).line();
    Store.Beat beat = store.beat(id, current, line == null ? current : line);
    line = current;
    nodes.live(beat.nodes());
    claims.loseTaken(beat.taken());
    boolean wasUp = up;
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
  }

  /** Gives up claims of sessions that weren't opened; for tests, whose beats are theirs. */
  void review() {
    claims.review();
  }

  /** All nodes have claimed what they have; for tests, which don't wait for it. */
  void settled() {
    claimedAgain = System.nanoTime() - CLAIMING_NANOS;
  }

  /** Gives up all that this node has claimed. */
  @Override
  public void close() {
    closed = true;
    up = false;
    calls.shutdown();
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
