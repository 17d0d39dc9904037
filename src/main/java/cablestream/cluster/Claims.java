package cablestream.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * The sessions that this node has claimed, or would have claimed if the store had been reachable,
 * and the claims that it releases; keeps the store up to date. Any thread; the methods of the
 * second half wait for the store, and throw its exceptions.
 */
final class Claims {
  /** By then an accepted request has usually opened its session, or was refused. */
  private static final long PENDING_NANOS = Duration.ofSeconds(2).toNanos();

  /** Claims whose session may never be opened; some 400 bytes each. */
  private static final int MAX_PENDING = 8_192;

  private static final long RENEWAL_NANOS = Duration.ofHours(1).toNanos();

  /**
   * How long the claim of a session that has ended permanently is kept, as this node remembers it.
   */
  private static final long ENDED_MILLIS = Duration.ofMinutes(5).toMillis();

  /**
   * The owner of claims that are removed from a node, in place of this node, which may be opening
   * such a session meanwhile.
   */
  private static final String NO_NODE = "-";

  /** The largest number of claims between two beats, which takes some milliseconds. */
  private static final int MAX_CLAIMED = 500;

  /**
   * Claims of ended sessions that wait for the store, permanently ended ones or others; some 150
   * bytes each. Further ones expire by themselves, and until then lead requests to this node.
   */
  private static final int MAX_LEFT = 20_000;

  /**
   * A claim.
   *
   * @param session the session's name
   * @param since when it was made or renewed, by {@link System#nanoTime}
   */
  private record Claim(String session, long since) {}

  private record Pending(String key, long since) {}

  private final String id;
  private final Store store;
  private final KnownNodes nodes;
  private final LongAdder moved = new LongAdder();

  /** By key. */
  private final Map<String, Claim> claims = new ConcurrentHashMap<>();

  /** Claims whose session may not have been opened. */
  private final Queue<Pending> pending = new LinkedBlockingQueue<>();

  // Keys for the store: of sessions that ended, temporarily or permanently, and of those to be
  // claimed.
  private final Set<String> released = ConcurrentHashMap.newKeySet();
  private final Set<String> ended = ConcurrentHashMap.newKeySet();
  private final Set<String> unclaimed = ConcurrentHashMap.newKeySet();

  /**
   * Sessions that ended here for another node's: the node whose session their clients may use, by
   * key.
   */
  private final Map<String, String> misled = new ConcurrentHashMap<>();

  private volatile LocalSessions sessions;

  Claims(String id, Store store, KnownNodes nodes) {
    this.id = id;
    this.store = store;
    this.nodes = nodes;
  }

  /** Sets the sessions of this node. */
  void use(LocalSessions localSessions) {
    sessions = localSessions;
  }

  /** The session is claimed for a request that will open it. */
  void add(String key, String session) {
    open(key, session);
    pending.add(new Pending(key, System.nanoTime()));
  }

  /** The session was opened. */
  void open(String key, String session) {
    claims.put(key, new Claim(session, System.nanoTime()));
  }

  /** Whether far more sessions are claimed than opened. */
  boolean isCrowded() {
    return pending.size() >= MAX_PENDING;
  }

  boolean has(String key) {
    return claims.containsKey(key);
  }

  /**
   * The session has ended.
   *
   * @param forGood whether no node may open it while this one remembers its end
   */
  void leave(String key, boolean forGood) {
    claims.remove(key);
    Set<String> left = forGood ? ended : released;
    if (left.size() < MAX_LEFT) {
      left.add(key);
    }
  }

  /** Releases the claims of sessions that weren't opened. */
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

  /** Claims the key with the next {@link #settle}. */
  void claimLater(String key) {
    unclaimed.add(key);
  }

  /** Claims all keys, with the next calls of {@link #settle}. */
  void claimAllLater() {
    unclaimed.addAll(claims.keySet());
  }

  /** Whether one {@link #settle} can't claim everything. */
  boolean isBehind() {
    return !unclaimed.isEmpty();
  }

  /** The number of sessions that ended here because another node had claimed them. */
  long moved() {
    return moved.sum();
  }

  // ---- methods that wait for the store ----

  /** Other nodes have taken over these claims. */
  void loseTaken(List<String> keys) {
    Map<String, String> owners = store.owners(keys);
    keys.forEach(key -> loseTo(owners.get(key), key));
  }

  /** Also repeats claims that the store soon would lose. */
  void update() {
    settle();
    renew();
    endOthers();
  }

  /**
   * Ends the sessions that replaced sessions of this node whose clients may have been misled: they
   * open a third one, and subscribe there.
   */
  private void endOthers() {
    Map<String, String> some = new HashMap<>();
    misled.entrySet().stream()
        .limit(MAX_CLAIMED)
        .forEach(each -> some.put(each.getKey(), each.getValue()));
    Map<String, String> others = new HashMap<>(some);
    others.keySet().removeIf(this::has);
    store.take(NO_NODE, others);
    store.release(NO_NODE, others.keySet()); // the owners are notified with their next beats
    some.forEach(misled::remove);
  }

  /** Repeats claims that the store may have lost, and releases claims of ended sessions. */
  void settle() {
    // Not all: thousands must not delay the lease. Some may have ended since.
    claimAgain(take(unclaimed, MAX_CLAIMED).stream().filter(this::has).toList());
    List<String> over =
        take(released, Integer.MAX_VALUE).stream()
            .filter(key -> !has(key)) // it may have been opened again
            .toList();
    List<String> overForGood = take(ended, Integer.MAX_VALUE);
    try {
      store.release(id, over);
      store.renew(id, overForGood, ENDED_MILLIS);
      // One that was opened again meanwhile has found the claim that was about to be released.
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

  /** Claims this node's sessions; ends those that another node has claimed. */
  private void claimAgain(List<String> keys) {
    Map<String, String> owners = store.claim(id, keys);
    owners.values().removeIf(id::equals);
    if (owners.values().stream().anyMatch(owner -> nodes.node(owner) == null)) {
      nodes.live(store.nodes());
    }
    Map<String, String> dead = new HashMap<>(owners);
    dead.values().removeIf(owner -> !nodes.isDead(owner));
    owners.putAll(store.take(id, dead));
    owners.forEach((key, owner) -> loseTo(owner, key));
  }

  /**
   * Ends the session, unless this node owns it.
   *
   * @param owner null for none
   */
  private void loseTo(String owner, String key) {
    Claim claim = id.equals(owner) ? null : claims.remove(key);
    if (claim != null) {
      moved.increment();
      sessions.moved(
          claim.session,
          () -> {
            if (owner != null) {
              misled.put(key, owner);
            }
          });
    }
  }

  /** Removes keys, each of which one thread gets. */
  private static List<String> take(Set<String> keys, int max) {
    return keys.stream().limit(max).filter(keys::remove).toList();
  }
}
