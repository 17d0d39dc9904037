package cablestream.cluster;

import cablestream.concurrent.DaemonThreads;
import cablestream.concurrent.Fault;
import cablestream.concurrent.Timers;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among the others: what it asks them and hands on to them, and they it. Of what they
 * agree on: {@link Directory}.
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
  private static final long PATIENCE_MILLIS = 3_000;

  private final String id;
  private final ClusterSettings settings;
  private final Signatures signatures;
  private final HttpRelay relay = new HttpRelay();
  private final KnownNodes nodes;
  private final Claims claims = new Claims();
  private final DaemonThreads threads = new DaemonThreads(NAME);
  private final StoreCalls calls;
  private final Thread beating;
  private final Directory directory;
  private volatile LocalSessions sessions;
  private volatile boolean closed;

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
    nodes = new KnownNodes(id);
    this.settings = settings;
    signatures = new Signatures(settings.secret(), id);
    // With another secret they are strangers, who mustn't meet one another's claims.
    String prefix = "cablestream:" + signatures.hash("").substring(0, 8) + ":";
    directory =
        new Directory(
            id,
            store == null ? new ValkeyStore(settings.store(), prefix) : store,
            signatures,
            nodes,
            claims,
            timers);
    calls = new StoreCalls(directory, threads);
    beating = threads.newThread(this::beatOn);
  }

  /** Tells the others that this node is there, from now on. */
  public void start(LocalSessions localSessions) {
    use(localSessions);
    beating.start();
  }

  /** The sessions of this node. */
  void use(LocalSessions localSessions) {
    sessions = localSessions;
    directory.use(localSessions);
  }

  /** What the nodes have agreed on; for tests, whose beats are theirs. */
  Directory directory() {
    return directory;
  }

  /** Whether the store was reached when it was last asked. */
  public boolean isUp() {
    return directory.isUp();
  }

  /** Nodes that live, this one included, as far as this one knows. */
  public int count() {
    return nodes.count();
  }

  /** Sessions that were served here because nobody could be asked whose they are. */
  public long servedAlone() {
    return directory.servedAlone();
  }

  /** Sessions that ended here as another node had claimed them. */
  public long moved() {
    return directory.moved();
  }

  /** Sessions that were taken over from a node that was gone, or wouldn't take them. */
  public long taken() {
    return directory.taken();
  }

  // ---- the port ----

  @Override
  public boolean areOthers() {
    return true;
  }

  @Override
  public boolean doOthersAccept() {
    return nodes.anyOther(null) != null;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String state() {
    return isUp() ? "up" : "down";
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
    if (!isUp()) {
      then.accept(directory.serveAlone(question));
      return;
    }
    if (question.opens() && claims.isCrowded()) {
      then.accept(new Place.Busy());
      return;
    }
    calls.ask(question, then);
  }

  @Override
  public void handOn(Node to, HandedOn request, Answer answer) {
    relay.send(to, request, signatures.sign(to.id(), request), answer);
  }

  @Override
  public Claimed verified(String header, HandedOn request) {
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
      if (isUp()) {
        claimSoon(key);
      }
    }
  }

  private void claimSoon(String key) {
    boolean soon = calls.run(() -> directory.tryToClaimAgain(List.of(key)));
    if (!soon) {
      directory.claimLater(List.of(key));
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
    calls.run(directory::settle); // or the next beat does it
  }

  // ---- the beat ----

  private void beatOn() {
    AddressCheck check = new AddressCheck(settings, id, relay);
    long next = System.nanoTime();
    while (!closed) {
      try {
        directory.beat(check.address());
        check.review();
      } catch (RuntimeException e) {
        directory.down(e);
      } catch (Throwable e) {
        Fault.tell(LOG, "event=task_failed", e); // the next beat may do better
      }
      directory.review();
      if (!directory.isBehind()) {
        next = Math.max(next + BEAT_MILLIS * 1_000_000, System.nanoTime());
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

  /** Gives up all that this node has claimed. */
  @Override
  public void close() {
    closed = true;
    directory.stop();
    beating.interrupt();
    calls.close();
    try {
      if (beating.isAlive()) {
        beating.join(PATIENCE_MILLIS);
      }
      directory.leave();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      relay.close();
      directory.close();
    }
    try {
      threads.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
