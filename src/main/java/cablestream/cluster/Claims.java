package cablestream.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The sessions that this node has claimed, or would have where the store couldn't be reached, and
 * the claims that it gives up. Any thread.
 */
final class Claims {
  /** A request that is let in has opened its session by then, or it was refused. */
  private static final long PENDING_NANOS = 2_000_000_000L;

  /**
   * A claim.
   *
   * @param session what it is of
   * @param since when it was made or renewed
   */
  private record Claim(String session, long since) {}

  /** By key. */
  private final Map<String, Claim> claims = new ConcurrentHashMap<>();

  /** Keys whose session may not have come to be. */
  private final Queue<Map.Entry<String, Long>> pending = new ConcurrentLinkedQueue<>();

  private final Queue<String> released = new ConcurrentLinkedQueue<>();
  private final Queue<String> ended = new ConcurrentLinkedQueue<>();

  void add(String key, String session, long nanoTime) {
    if (claims.put(key, new Claim(session, nanoTime)) == null) {
      pending.add(Map.entry(key, nanoTime));
    }
  }

  boolean has(String key) {
    return claims.containsKey(key);
  }

  /** What a claim is of; null where there is none. */
  String session(String key) {
    Claim claim = claims.get(key);
    return claim == null ? null : claim.session;
  }

  List<String> keys() {
    return new ArrayList<>(claims.keySet());
  }

  int size() {
    return claims.size();
  }

  /** Another node has it. */
  void lose(String key) {
    claims.remove(key);
  }

  /** Anybody may have it. */
  void release(String key) {
    claims.remove(key);
    released.add(key);
  }

  /** Nobody may open it, for as long as this node remembers how it ended. */
  void end(String key) {
    claims.remove(key);
    ended.add(key);
  }

  List<String> takeReleased() {
    return takeAll(released);
  }

  List<String> takeEnded() {
    return takeAll(ended);
  }

  private static List<String> takeAll(Queue<String> queue) {
    List<String> all = new ArrayList<>();
    for (String key = queue.poll(); key != null; key = queue.poll()) {
      all.add(key);
    }
    return all;
  }

  /** Gives up what has been claimed for sessions that didn't come to be. */
  void review(LocalSessions sessions, long nanoTime) {
    Queue<Map.Entry<String, Long>> old = new ArrayDeque<>();
    while (!pending.isEmpty() && nanoTime - pending.peek().getValue() > PENDING_NANOS) {
      old.add(pending.poll());
    }
    for (Map.Entry<String, Long> each : old) {
      String session = session(each.getKey());
      if (session != null && !sessions.has(session)) {
        release(each.getKey());
      }
    }
  }

  /** Keys that were claimed or renewed so long ago; they count as renewed now. */
  List<String> takeOlderThan(long nanos, long nanoTime) {
    List<String> old = new ArrayList<>();
    claims.replaceAll(
        (key, claim) -> {
          if (nanoTime - claim.since < nanos) {
            return claim;
          }
          old.add(key);
          return new Claim(claim.session, nanoTime);
        });
    return old;
  }
}
