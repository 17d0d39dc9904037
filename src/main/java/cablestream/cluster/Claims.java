package cablestream.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The sessions that this node has claimed, or would have where the store couldn't be reached, and
 * the claims that it gives up. Any thread.
 */
final class Claims {
  /** A request that is let in has opened its session by then, mostly, or it was refused. */
  private static final long PENDING_NANOS = 2_000_000_000L;

  /** Claims whose session may not come to be; some 400 bytes each. */
  private static final int MOST_PENDING = 8_192;

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
  private final Queue<Map.Entry<String, Long>> pending = new LinkedBlockingQueue<>();

  private final Queue<String> released = new ConcurrentLinkedQueue<>();
  private final Queue<String> ended = new ConcurrentLinkedQueue<>();

  /** It is claimed for a request that is about to open it. */
  void add(String key, String session, long nanoTime) {
    claims.put(key, new Claim(session, nanoTime));
    pending.add(Map.entry(key, nanoTime));
  }

  /** It has been opened. */
  void open(String key, String session, long nanoTime) {
    claims.put(key, new Claim(session, nanoTime));
  }

  /** Whether more are claimed than opened. */
  boolean isCrowded() {
    return pending.size() >= MOST_PENDING;
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

  /** The store didn't take them. */
  void putBack(List<String> notReleased, List<String> notEnded) {
    released.addAll(notReleased);
    ended.addAll(notEnded);
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
    while (!pending.isEmpty() && nanoTime - pending.peek().getValue() > PENDING_NANOS) {
      String key = pending.poll().getKey();
      String session = session(key);
      if (session != null && !sessions.isOpen(session)) {
        release(key);
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
