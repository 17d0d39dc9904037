package cablestream.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * The sessions that this node has claimed, or would have where the store couldn't be reached, and
 * the claims that it gives up; and keeps the store in step with them. Any thread, but the second
 * half waits for the store, and throws what that throws.
 */
final class Claims {
  /** A request that is let in has opened its session by then, mostly, or it was refused. */
  private static final long PENDING_NANOS = Duration.ofSeconds(2).toNanos();

  /** Claims whose session may not come to be; some 400 bytes each. */
  private static final int MAX_PENDING = 8_192;

  private static final long RENEWAL_NANOS = Duration.ofHours(1).toNanos();

  /** How long the claim of a session that ended for good is kept, as this node remembers it. */
  private static final long ENDED_MILLIS = Duration.ofMinutes(5).toMillis();

  /** Takes claims in the place of this node, which may be opening such a session meanwhile. */
  private static final String NO_NODE = "-";

  /** How many are claimed between two beats, which takes some milliseconds. */
  private static final int MAX_CLAIMED = 500;

  /**
   * A claim.
   *
   * @param session what it is of
   * @param since when it was made or renewed, by {@link System#nanoTime}
   */
  private record Claim(String session, long since) {}

  private record Pending(String key, long since) {}

  private record Misled(String key, String owner) {}

  private final String id;
  private final Store store;
  private final KnownNodes nodes;
  private final LongAdder moved = new LongAdder();

  /** By key. */
  private final Map<String, Claim> claims = new ConcurrentHashMap<>();

  /** Those whose session may not have come to be. */
  private final Queue<Pending> pending = new LinkedBlockingQueue<>();

  // Keys for the store: of sessions that ended, for now or for good, and that have to be claimed.
  private final Queue<String> released = new ConcurrentLinkedQueue<>();
  private final Queue<String> ended = new ConcurrentLinkedQueue<>();
  private final Queue<String> unclaimed = new ConcurrentLinkedQueue<>();

  /** Sessions that gave way here, each with the node to whose session their clients may listen. */
  private final Queue<Misled> misled = new ConcurrentLinkedQueue<>();

  private volatile LocalSessions sessions;

  Claims(String id, Store store, KnownNodes nodes) {
    this.id = id;
    this.store = store;
    this.nodes = nodes;
  }

  /** The sessions of this node. */
  void use(LocalSessions localSessions) {
    sessions = localSessions;
  }

  /** It is claimed for a request that is about to open it. */
  void add(String key, String session) {
    open(key, session);
    pending.add(new Pending(key, System.nanoTime()));
  }

  /** It has been opened. */
  void open(String key, String session) {
    claims.put(key, new Claim(session, System.nanoTime()));
  }

  /** Whether far more are claimed than opened. */
  boolean isCrowded() {
    return pending.size() >= MAX_PENDING;
  }

  boolean has(String key) {
    return claims.containsKey(key);
  }

  /**
   * Its session is over.
   *
   * @param forGood whether no node may open it, for as long as this one remembers how it ended
   */
  void leave(String key, boolean forGood) {
    claims.remove(key);
    (forGood ? ended : released).add(key);
  }

  /** Gives up what has been claimed for sessions that didn't come to be. */
  void review() {
    long now = System.nanoTime();
    while (!pending.isEmpty() && now - pending.peek().since > PENDING_NANOS) {
      String key = pending.poll().key;
      Claim claim = claims.get(key);
      if (claim != null && !sessions.isOpen(claim.session)) {
        leave(key, false);
      }
    }
  }

  /** With the next {@link #update}. */
  void claimLater(String key) {
    unclaimed.add(key);
  }

  /** The same, of all. */
  void claimAllLater() {
    unclaimed.addAll(claims.keySet());
  }

  /** Whether one {@link #update} doesn't claim all that there is to claim. */
  boolean isBehind() {
    return !unclaimed.isEmpty();
  }

  /** Sessions that ended here as another node had claimed them. */
  long moved() {
    return moved.sum();
  }

  // ---- waiting for the store ----

  /** Other nodes report that they have taken these. */
  void loseTaken(List<String> keys) {
    if (keys.isEmpty()) {
      return;
    }
    List<String> owners = store.owners(keys);
    for (int i = 0; i < keys.size(); i++) {
      if (!id.equals(owners.get(i))) {
        lose(keys.get(i), owners.get(i));
      }
    }
  }

  /** Claims again what may have been forgotten, or soon would be, and gives up what is over. */
  void update() {
    claimAgain(takeAll(unclaimed, MAX_CLAIMED)); // not all: the lease mustn't wait for thousands
    settle();
    renew();
    endOthers();
  }

  /**
   * Ends the sessions to which those of this node gave way whose clients may have been misled: they
   * open a third, and subscribe in that.
   */
  private void endOthers() {
    List<Misled> some = misled.stream().limit(MAX_CLAIMED).toList();
    List<Misled> others = some.stream().filter(each -> !has(each.key)).toList();
    List<String> keys = others.stream().map(Misled::key).toList();
    if (!keys.isEmpty()) {
      store.take(NO_NODE, keys, others.stream().map(Misled::owner).toList());
      store.release(
          NO_NODE, keys); // and the owners learn with their next beats that they lost them
    }
    misled.removeAll(some);
  }

  /** Gives up what sessions have left. */
  void settle() {
    List<String> over =
        takeAll(released, Integer.MAX_VALUE).stream()
            .filter(key -> !has(key)) // it may have been opened again
            .toList();
    List<String> overForGood = takeAll(ended, Integer.MAX_VALUE);
    if (over.isEmpty() && overForGood.isEmpty()) {
      return;
    }
    try {
      store.release(id, over);
      store.renew(id, overForGood, ENDED_MILLIS);
      // One that was opened again meanwhile has found the claim that was about to go.
      claimAgain(over.stream().filter(this::has).toList());
    } catch (RuntimeException e) {
      released.addAll(over);
      ended.addAll(overForGood);
      throw e;
    }
  }

  private void renew() {
    long now = System.nanoTime();
    List<String> old = new ArrayList<>();
    claims.replaceAll(
        (key, claim) -> {
          if (now - claim.since < RENEWAL_NANOS) {
            return claim;
          }
          old.add(key);
          return new Claim(claim.session, now);
        });
    claimAgain(old);
  }

  /** Claims what this node has; ends the sessions that another one has. */
  void claimAgain(List<String> keys) {
    if (keys.isEmpty()) {
      return;
    }
    List<String> owners = store.claim(id, keys);
    List<String> others = new ArrayList<>();
    List<String> their = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (!owners.get(i).equals(id)) {
        others.add(owners.get(i));
        their.add(keys.get(i));
      }
    }
    if (!others.stream().allMatch(owner -> nodes.node(owner) != null)) {
      nodes.live(store.nodes());
    }
    List<String> deadKeys = new ArrayList<>();
    List<String> dead = new ArrayList<>();
    for (int i = 0; i < their.size(); i++) {
      if (nodes.areComplete() && nodes.node(others.get(i)) == null) {
        deadKeys.add(their.get(i));
        dead.add(others.get(i));
      } else {
        lose(their.get(i), others.get(i)); // it is another's
      }
    }
    List<String> takers = deadKeys.isEmpty() ? List.of() : store.take(id, deadKeys, dead);
    for (int i = 0; i < takers.size(); i++) {
      if (!takers.get(i).equals(id)) {
        lose(deadKeys.get(i), takers.get(i));
      }
    }
  }

  /**
   * @param owner null where no other node has it
   */
  private void lose(String key, String owner) {
    Claim claim = claims.remove(key);
    if (claim != null) {
      moved.increment();
      sessions.moved(
          claim.session,
          () -> {
            if (owner != null) {
              misled.add(new Misled(key, owner));
            }
          });
    }
  }

  private static List<String> takeAll(Queue<String> queue, int max) {
    List<String> all = new ArrayList<>();
    for (String key = queue.poll(); key != null; key = all.size() < max ? queue.poll() : null) {
      all.add(key);
    }
    return all;
  }
}
