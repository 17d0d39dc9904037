package cablestream.cluster;

import cablestream.concurrent.DaemonThreads;
import cablestream.concurrent.Fault;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among the others.
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
public final class Cluster implements Nodes, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final String NAME = "cablestream-cluster";

  private static final long BEAT_MILLIS = 1_000;
  private static final int CALLERS = 4;

  /** Between two beats; some milliseconds. */
  private static final int MOST_CLAIMED = 500;

  /** What waits for the store; each is a request, and the store takes less than a millisecond. */
  private static final int MOST_WAITING = 4_096;

  private static final long RENEWAL_NANOS = Duration.ofHours(1).toNanos();

  /**
   * As long as other nodes may take to notice that the store is back, and to claim what they have.
   */
  private static final long CLAIMING_NANOS = Duration.ofSeconds(4).toNanos();

  private static final long LOG_NANOS = Duration.ofMinutes(1).toNanos();

  /** As long as this node remembers it. */
  private static final long ENDED_MILLIS = Duration.ofMinutes(5).toMillis();

  private static final long PATIENCE_MILLIS = 3_000;

  private final String id = newId();
  private final ClusterSettings settings;
  private final Store store;
  private final Signatures signatures;
  private final HttpRelay relay = new HttpRelay();
  private final KnownNodes nodes = new KnownNodes(id);
  private final Claims claims = new Claims();
  private final DaemonThreads threads = new DaemonThreads(NAME);
  private final ThreadPoolExecutor calls;
  private final Thread beating;

  private final LongAdder alone = new LongAdder();
  private final LongAdder moved = new LongAdder();
  private final LongAdder taken = new LongAdder();

  /** Keys of this node that may have to be claimed again. */
  private final Queue<String> unclaimed = new ConcurrentLinkedQueue<>();

  private volatile LocalSessions sessions;
  private volatile boolean up;
  private volatile boolean closed;
  private volatile long claimedAgain = System.nanoTime() - CLAIMING_NANOS;
  private volatile long toldDown = System.nanoTime() - LOG_NANOS;

  /** What the store has of this node; on the beating thread. */
  private String line;

  /** Starts nothing yet. */
  public Cluster(ClusterSettings settings) {
    this(settings, null);
  }

  /**
   * @param store null: the one that the settings name
   */
  Cluster(ClusterSettings settings, Store store) {
    this.settings = settings;
    signatures = new Signatures(settings.secret(), id);
    // With another secret they are strangers, who mustn't meet one another's claims.
    String prefix = "cablestream:" + signatures.hash("").substring(0, 8) + ":";
    this.store = store == null ? new ValkeyStore(settings.store(), prefix) : store;
    calls =
        new ThreadPoolExecutor(
            CALLERS,
            CALLERS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            threads);
    calls.allowCoreThreadTimeOut(true);
    beating = threads.newThread(this::beatOn);
  }

  private static String newId() {
    byte[] bytes = new byte[12];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  /** Tells the others that this node is there, from now on. */
  public void start(LocalSessions localSessions) {
    use(localSessions);
    beating.start();
  }

  /** All nodes have claimed what they have; for tests, which don't wait for it. */
  void settled() {
    claimedAgain = System.nanoTime() - CLAIMING_NANOS;
  }

  /** The sessions of this node. */
  void use(LocalSessions localSessions) {
    sessions = localSessions;
  }

  /** Whether the store was reached when it was last asked. */
  public boolean isUp() {
    return up;
  }

  /** Nodes that live, this one included, as far as this one knows. */
  public int count() {
    return nodes.count();
  }

  /** Sessions that were served here because nobody could be asked whose they are. */
  public long servedAlone() {
    return alone.sum();
  }

  /** Sessions that ended here as another node had claimed them. */
  public long moved() {
    return moved.sum();
  }

  /** Sessions that were taken over from a node that was gone, or wouldn't take them. */
  public long taken() {
    return taken.sum();
  }

  // ---- the port ----

  @Override
  public boolean areOthers() {
    return true;
  }

  /** Another one with each start. */
  @Override
  public String id() {
    return id;
  }

  @Override
  public String state() {
    return up ? "up" : "down";
  }

  @Override
  public Node known(String session) {
    return nodes.find(session, System.nanoTime());
  }

  @Override
  public void forget(String session) {
    nodes.forget(session);
  }

  @Override
  public void find(Question question, Consumer<Place> then) {
    if (!up) {
      then.accept(serveAlone(question));
      return;
    }
    if (question.opens() && claims.isCrowded()) {
      then.accept(new Place.Busy());
      return;
    }
    try {
      calls.execute(new Ask(question, then));
    } catch (RejectedExecutionException e) {
      then.accept(new Place.Busy());
    }
  }

  /** One that waits for its turn to ask the store. */
  private final class Ask implements Runnable {
    private final Question question;
    private final Consumer<Place> then;

    Ask(Question question, Consumer<Place> then) {
      this.question = question;
      this.then = then;
    }

    @Override
    public void run() {
      then.accept(ask(question));
    }

    void giveUp() {
      then.accept(new Place.Busy());
    }
  }

  @Override
  public void handOn(Node to, HandedOn request, Answer answer) {
    relay.send(to, request, signatures.sign(to.id(), request), answer);
  }

  @Override
  public Origin verified(String header, HandedOn request) {
    return signatures.verify(header, request);
  }

  /**
   * A session of this node has been opened. It is claimed already, unless the store couldn't be
   * asked, or its request took its time; and in case it wasn't, it is now.
   */
  public void opened(String session) {
    String key = signatures.hash(session);
    if (!claims.has(key)) {
      claims.open(key, session, System.nanoTime());
      if (up) {
        claimSoon(key);
      }
    }
  }

  private void claimSoon(String key) {
    try {
      calls.execute(
          () -> {
            try {
              claimAgain(List.of(key));
            } catch (RuntimeException e) {
              down(e);
            }
          });
    } catch (RejectedExecutionException e) {
      unclaimed.add(key);
    }
  }

  /**
   * A session of this node is over.
   *
   * @param forGood whether its name mustn't be used again for now
   */
  public void left(String session, boolean forGood) {
    String key = signatures.hash(session);
    if (!claims.has(key) || closed) {
      return;
    }
    if (forGood) {
      claims.end(key);
    } else {
      claims.release(key);
    }
    if (sessions.isOpen(session)) {
      opened(session); // by somebody who has come between its end and this
    }
    try {
      calls.execute(this::settle);
    } catch (RejectedExecutionException e) {
      // The next beat does it.
    }
  }

  // ---- on threads that may wait for the store ----

  private Place ask(Question question) {
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
      Node other = living(owner);
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
    return owner == null || owner.equals(id) || vain ? null : living(owner);
  }

  /** Whether the store has forgotten everything, and not all nodes may have claimed again. */
  private boolean mayHaveForgotten() {
    return System.nanoTime() - claimedAgain < CLAIMING_NANOS
        || store.nodes().stream().noneMatch(each -> each.startsWith(id + ' '));
  }

  /** One that has just come isn't known yet, and mustn't be taken for dead. */
  private Node living(String node) {
    Node known = nodes.node(node);
    if (known == null) {
      nodes.live(store.nodes());
      known = nodes.node(node);
    }
    return known;
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
  private Place serveAlone(Question question) {
    if (!question.handedOn()) {
      Node known = question.vain() == null ? known(question.session()) : null;
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
  private void settle() {
    if (!up) {
      return;
    }
    List<String> released = claims.takeReleased();
    List<String> ended = claims.takeEnded();
    if (released.isEmpty() && ended.isEmpty()) {
      return;
    }
    try {
      store.release(id, released);
      store.renew(id, ended, ENDED_MILLIS);
      // Who came back meanwhile has found the claim that was about to go.
      claimAgain(released.stream().filter(claims::has).toList());
    } catch (RuntimeException e) {
      claims.putBack(released, ended);
      down(e);
    }
  }

  private void claimAgain(List<String> keys) {
    if (keys.isEmpty()) {
      return;
    }
    List<String> owners = store.claim(id, keys);
    Set<String> dead = new HashSet<>();
    for (int i = 0; i < keys.size(); i++) {
      String owner = owners.get(i);
      // Another has it: it is his, if he lives.
      if (!owner.equals(id)) {
        boolean lives = !dead.contains(owner) && living(owner) != null;
        if (!lives) {
          dead.add(owner);
        }
        if (lives || !store.take(id, keys.get(i), owner).equals(id)) {
          lose(keys.get(i));
        }
      }
    }
  }

  private void lose(String key) {
    String session = claims.session(key);
    claims.lose(key);
    if (session != null) {
      moved.increment();
      sessions.moved(session);
    }
  }

  private void down(RuntimeException failure) {
    up = false;
    long now = System.nanoTime();
    if (!closed && now - toldDown >= LOG_NANOS) {
      toldDown = now;
      LOG.warn(
          "event=cluster_store_down served_alone={} error=\"{}\"", alone.sum(), failure.toString());
    }
  }

  // ---- the beat ----

  private void beatOn() {
    AddressCheck check = new AddressCheck(settings, id, relay);
    long next = System.nanoTime();
    while (!closed) {
      try {
        beat(check.address());
        check.review();
      } catch (RuntimeException e) {
        down(e);
      } catch (Throwable e) {
        Fault.tell(LOG, "event=task_failed", e); // the next beat may do better
      }
      review();
      if (!up || unclaimed.isEmpty()) {
        next = Math.max(next + BEAT_MILLIS * 1_000_000, System.nanoTime());
        pause(next - System.nanoTime());
      }
    }
  }

  /** Tells the others of this node, and learns of them. */
  void beat(java.net.URI address) {
    String said = new Node(id, address, sessions.isAccepting()).line();
    Store.Beat beat = store.beat(id, said, line == null ? said : line);
    line = said;
    nodes.live(beat.nodes());
    for (String key : beat.taken()) {
      if (!id.equals(store.owner(key))) {
        lose(key);
      }
    }
    boolean wasUp = up;
    // First, so that whatever is opened from now on is claimed.
    up = true;
    if (!wasUp || !beat.known()) {
      claimedAgain = System.nanoTime();
      unclaimed.addAll(claims.keys());
    }
    if (!wasUp) {
      LOG.info("event=cluster_store_up node={} nodes={} address={}", id, count(), address);
    }
    // Not all at once: a lease doesn't wait until thousands are claimed.
    claimAgain(some(unclaimed));
    settle();
    claimAgain(claims.takeOlderThan(RENEWAL_NANOS, System.nanoTime()));
  }

  private static List<String> some(Queue<String> keys) {
    List<String> some = new ArrayList<>();
    while (some.size() < MOST_CLAIMED && !keys.isEmpty()) {
      some.add(keys.poll());
    }
    return some;
  }

  /** Gives up what wasn't opened. */
  void review() {
    claims.review(sessions, System.nanoTime());
  }

  private static void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives up all that this node has claimed. */
  @Override
  public void close() {
    closed = true;
    up = false;
    beating.interrupt();
    for (Runnable waiting : calls.shutdownNow()) {
      if (waiting instanceof Ask ask) {
        ask.giveUp();
      }
    }
    try {
      if (beating.isAlive()) {
        beating.join(PATIENCE_MILLIS);
      }
      if (line != null) {
        store.leave(id, line);
      }
    } catch (RuntimeException e) {
      LOG.info("event=cluster_store_down error=\"{}\"", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      relay.close();
      store.close();
    }
    try {
      threads.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
