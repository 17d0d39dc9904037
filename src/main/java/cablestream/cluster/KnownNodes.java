package cablestream.cluster;

import cablestream.concurrent.BoundedMap;
import cablestream.concurrent.Timers;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The live nodes according to the latest answer of the store, and the nodes of sessions that were
 * requested recently. Any thread.
 */
final class KnownNodes {
  /**
   * The largest number of sessions whose node is remembered; the least recently used one is
   * removed.
   */
  private static final int MAX_SESSIONS = 20_000;

  private static final long REMEMBERED_NANOS = Duration.ofMinutes(1).toNanos();

  /** How long clients of this bridge repeat a command; most sessions linger no longer. */
  private static final long DOUBT_NANOS = Duration.ofSeconds(30).toNanos();

  private record Found(String node, long at) {}

  private final String self;
  private final Timers timers;
  private volatile Map<String, Node> living = Map.of();

  /** Whether the latest list contained this node. */
  private volatile boolean listed;

  /** Until then no node is considered dead, by {@link Timers#nanoTime}. */
  private volatile long keptUntil;

  /** Until then sessions may exist that can't be found, by {@link Timers#nanoTime}. */
  private volatile long doubtfulUntil;

  private final Map<String, Found> sessions = BoundedMap.byUse(MAX_SESSIONS);

  KnownNodes(String self, Timers timers) {
    this.self = self;
    this.timers = timers;
    keptUntil = timers.nanoTime();
    doubtfulUntil = timers.nanoTime();
  }

  /** From now on, and for this time, a node that is missing from the store's list may be alive. */
  void keepFor(long nanos) {
    keptUntil = timers.nanoTime() + nanos;
  }

  /** Sets the live nodes, as the store has listed them. */
  void live(List<String> lines) {
    Map<String, Node> list =
        lines.stream()
            .map(Node::of)
            .filter(Objects::nonNull)
            .collect(Collectors.toMap(Node::id, node -> node, (one, other) -> other));
    listed = list.containsKey(self);
    if (!areComplete()) {
      living.forEach(list::putIfAbsent);
    }
    boolean lost =
        living.values().stream().anyMatch(node -> node.accepting() && !list.containsKey(node.id()));
    if (lost) {
      // It may only have lost the store, and its sessions continue. A drained node has none.
      doubtFor(DOUBT_NANOS);
    }
    living = Map.copyOf(list);
  }

  /** From now on, and for this time, sessions may exist that can't be found. */
  synchronized void doubtFor(long nanos) {
    long until = timers.nanoTime() + nanos;
    if (until - doubtfulUntil > 0) {
      doubtfulUntil = until;
    }
  }

  /** Whether a session that isn't found may exist. Also while the store has lost its data. */
  boolean mayHideSessions() {
    return !listed || timers.nanoTime() - doubtfulUntil < 0;
  }

  /** Whether an unknown node is dead. */
  private boolean areComplete() {
    return listed && timers.nanoTime() - keptUntil >= 0;
  }

  /** Whether a node's claims don't count any more. */
  boolean isDead(String id) {
    return !id.equals(self) && areComplete() && node(id) == null;
  }

  /** Null if it isn't alive, or has just started. */
  Node node(String id) {
    return living.get(id);
  }

  int count() {
    return living.size();
  }

  List<Node> others() {
    return living.values().stream().filter(node -> !node.id().equals(self)).toList();
  }

  /** Any other node that accepts new sessions; null for none. */
  Node anyOther(Node but) {
    List<Node> others = accepting(but).filter(node -> !node.id().equals(self)).toList();
    return others.isEmpty() ? null : others.get(ThreadLocalRandom.current().nextInt(others.size()));
  }

  /**
   * The node that opens a session while the store is unreachable: all nodes that know of the same
   * nodes choose the same one.
   *
   * @return null for this one
   */
  Node chosen(String session, Node but) {
    Node chosen =
        accepting(but).max(Comparator.comparingInt(node -> rank(session, node))).orElse(null);
    return chosen == null || chosen.id().equals(self) ? null : chosen;
  }

  private Stream<Node> accepting(Node but) {
    return living.values().stream()
        .filter(Node::accepting)
        .filter(node -> but == null || !node.id().equals(but.id()));
  }

  private static int rank(String session, Node node) {
    int mixed = (session.hashCode() ^ node.id().hashCode()) * 0x9E3779B9;
    return mixed ^ mixed >>> 15;
  }

  /** The session was found at the node. */
  void remember(String session, Node node) {
    synchronized (sessions) {
      sessions.put(session, new Found(node.id(), timers.nanoTime()));
    }
  }

  void forget(String session) {
    synchronized (sessions) {
      sessions.remove(session);
    }
  }

  /** The live node at which it was found; null if it wasn't requested recently. */
  Node find(String session) {
    long now = timers.nanoTime();
    synchronized (sessions) {
      Found found = sessions.get(session);
      if (found == null || now - found.at > REMEMBERED_NANOS) {
        sessions.remove(session);
        return null;
      }
      sessions.put(session, new Found(found.node, now));
      return living.get(found.node);
    }
  }
}
