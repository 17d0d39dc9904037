package cablestream.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * Has the store know what this node has: claims it again where that may have been forgotten, gives
 * up what sessions have left, and ends sessions that another node has. Its methods wait for the
 * store, and throw what it throws.
 */
final class ClaimKeeper {
  /** Between two beats; some milliseconds. */
  private static final int MOST_CLAIMED = 500;

  private static final long RENEWAL_NANOS = Duration.ofHours(1).toNanos();

  /** As long as this node remembers it. */
  private static final long ENDED_MILLIS = Duration.ofMinutes(5).toMillis();

  private final String id;
  private final Store store;
  private final KnownNodes nodes;
  private final Claims claims;
  private final LongAdder moved = new LongAdder();

  /** Keys of this node that may have to be claimed again. */
  private final Queue<String> unclaimed = new ConcurrentLinkedQueue<>();

  private volatile LocalSessions sessions;

  ClaimKeeper(String id, Store store, KnownNodes nodes, Claims claims) {
    this.id = id;
    this.store = store;
    this.nodes = nodes;
    this.claims = claims;
  }

  /** The sessions of this node. */
  void use(LocalSessions localSessions) {
    sessions = localSessions;
  }

  /** Sessions that ended here as another node had claimed them. */
  long moved() {
    return moved.sum();
  }

  /** With the next {@link #claimSome}. */
  void claimLater(Collection<String> keys) {
    unclaimed.addAll(keys);
  }

  /** Whether there is more to claim than was claimed at once. */
  boolean isBehind() {
    return !unclaimed.isEmpty();
  }

  /** Not all at once: a lease doesn't wait until thousands are claimed. */
  void claimSome() {
    List<String> some = new ArrayList<>();
    while (some.size() < MOST_CLAIMED && !unclaimed.isEmpty()) {
      some.add(unclaimed.poll());
    }
    claimAgain(some);
  }

  /** Claims again what would soon go by itself. */
  void renew() {
    claimAgain(claims.takeOlderThan(RENEWAL_NANOS, System.nanoTime()));
  }

  /** Others say that they have taken these. */
  void loseTaken(List<String> keys) {
    for (String key : keys) {
      if (!id.equals(store.owner(key))) {
        lose(key);
      }
    }
  }

  /** Gives up what sessions have left. */
  void settle() {
    // Not those that have been opened again.
    List<String> released = claims.takeReleased().stream().filter(key -> !claims.has(key)).toList();
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
      throw e;
    }
  }

  void claimAgain(List<String> keys) {
    if (keys.isEmpty()) {
      return;
    }
    List<String> owners = store.claim(id, keys);
    Set<String> dead = new HashSet<>();
    for (int i = 0; i < keys.size(); i++) {
      String owner = owners.get(i);
      // Another has it: it is his, if he lives.
      if (!owner.equals(id)) {
        boolean lives = !dead.contains(owner) && nodes.living(owner, store::nodes) != null;
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
}
