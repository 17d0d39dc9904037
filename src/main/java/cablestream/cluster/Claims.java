package cablestream.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * The sessions that this node has claimed, or would have claimed if the store had been reachable,
 * and the claims that it releases; keeps the store up to date. Any thread; only one calls the
 * methods of the second half, which wait for the store, and throw its exceptions.
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

  /** The largest number of keys that are settled between two beats, in some milliseconds. */
  private static final int MAX_SETTLED = 500;

  /**
   * Ended sessions are no longer added to those that wait for the store if that many wait; some 150
   * bytes each. Their claims expire by themselves, and until then lead requests to this node.
   */
  private static final int MAX_UNSETTLED = 20_000;

  /**
   * A claim.
   *
   * @param session the session's name
   * @param since when it was made or renewed, by {@link System#nanoTime}
   */
  record Claim(String key, String session, long since) {}

  private final String id;
  private final Store store;
  private final KnownNodes nodes;
  private final LongAdder moved = new LongAdder();

  /** By key. */
  private final Map<String, Claim> claims = new ConcurrentHashMap<>();

  /** Claims whose session may not have been opened. */
  private final Queue<Claim> pending = new LinkedBlockingQueue<>();

  /**
   * Keys whose claim in the store may differ from the one here. If there is none here: whether the
   * session has ended permanently.
   */
  private final Map<String, Boolean> unsettled = new ConcurrentHashMap<>();

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
    pending.add(open(key, session));
  }

  /** The session was opened. */
  Claim open(String key, String session) {
    Claim claim = new Claim(key, session, System.nanoTime());
    claims.put(key, claim);
    return claim;
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
  void release(String key, boolean forGood) {
    claims.remove(key);
    if (unsettled.size() < MAX_UNSETTLED || unsettled.containsKey(key)) {
      unsettled.put(key, forGood);
    }
  }

  /** Claims the key with one of the next calls of {@link #settle}. */
  void claimLater(String key) {
    unsettled.putIfAbsent(key, false);
  }

  /** Claims all keys, with the next calls of {@link #settle}. */
  void claimAllLater() {
    claims.keySet().forEach(this::claimLater);
  }

  /** Whether one {@link #settle} doesn't suffice. */
  boolean isBehind() {
    return !unsettled.isEmpty();
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

  /** Does what is due once a second. */
  void update() {
    review();
    renew();
    settle();
    endOthers();
  }

  /** Releases the claims of sessions that weren't opened. */
  private void review() {
    long now = System.nanoTime();
    while (!pending.isEmpty() && now - pending.peek().since > PENDING_NANOS) {
      Claim claim = pending.poll();
      if (claims.get(claim.key) == claim && !sessions.isOpen(claim.session)) {
        release(claim.key, false);
      }
    }
  }

  /** Repeats claims that the store soon would lose. */
  private void renew() {
    long now = System.nanoTime();
    claims.replaceAll(
        (key, claim) -> {
          if (now - claim.since < RENEWAL_NANOS) {
            return claim;
          }
          claimLater(key);
          return new Claim(key, claim.session, now);
        });
  }

  /**
   * Ends the sessions that replaced sessions of this node whose clients may have been misled: they
   * open a third one, and subscribe there.
   */
  private void endOthers() {
    Map<String, String> some = new HashMap<>();
    misled.entrySet().stream()
        .limit(MAX_SETTLED)
        .forEach(each -> some.put(each.getKey(), each.getValue()));
    Map<String, String> others = new HashMap<>(some);
    others.keySet().removeIf(this::has);
    store.take(NO_NODE, others);
    store.release(NO_NODE, others.keySet()); // the owners are notified with their next beats
    some.forEach(misled::remove);
  }

  /**
   * Repeats claims that the store may have lost, and releases claims of ended sessions; not all, as
   * thousands must not delay the lease.
   */
  void settle() {
    Map<String, Boolean> some = new HashMap<>();
    for (String key : unsettled.keySet().stream().limit(MAX_SETTLED).toList()) {
      some.put(key, unsettled.remove(key));
    }
    Map<Boolean, List<String>> byClaim =
        some.keySet().stream().collect(Collectors.partitioningBy(this::has));
    List<String> over = byClaim.get(false);
    try {
      claimAgain(byClaim.get(true));
      store.release(id, over.stream().filter(key -> !some.get(key)).toList());
      store.renew(id, over.stream().filter(some::get).toList(), ENDED_MILLIS);
      // One that was opened again meanwhile has found the claim that was about to be released.
      claimAgain(over.stream().filter(this::has).toList());
    } catch (RuntimeException e) {
      some.forEach(unsettled::putIfAbsent);
      throw e;
    }
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
}
