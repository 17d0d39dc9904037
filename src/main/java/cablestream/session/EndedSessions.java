package cablestream.session;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The events-ids that ended for good, for a while: who may know, and as long as somebody may still
 * have to hear how it ended, the session. Both are bounded in number, and the oldest make room. Any
 * thread.
 */
final class EndedSessions {
  /** How long an events-id that ended for good is remembered; protocol section 6. */
  private static final long REMEMBERED_NANOS = Duration.ofMinutes(5).toNanos();

  /** Some 400 bytes each. */
  static final int MOST_IDS = 10_000;

  /** Sessions that nobody listens to, with their logs; those have a budget of their own. */
  static final int MOST_KEPT = 256;

  /** What is known of an events-id that ended for good. */
  private static final class Ended {
    private final Binding.Memory binding;
    private final long at;
    private Session session;

    private Ended(Session session, long at) {
      this.session = session;
      this.at = at;
      binding = session.binding().memory();
    }
  }

  private final Map<Digest, Ended> byId = new LinkedHashMap<>();

  /** Those that nobody listens to, and whether somebody has missed their end. */
  private final Map<Session, Boolean> kept = new LinkedHashMap<>();

  /** What somebody who comes is to be told: the session does, or null where it is forgotten. */
  record Known(Session session, boolean admitted) {}

  /** The session has just ended for good. */
  synchronized void add(Session session, long nanoTime) {
    Digest id = Digest.of(session.eventsId());
    byId.remove(id);
    byId.put(id, new Ended(session, nanoTime));
    forgetOld(nanoTime);
  }

  /** What is known of the events-id; null for nothing. */
  synchronized Known find(Visit visit, long nanoTime) {
    forgetOld(nanoTime);
    Ended ended = byId.get(Digest.of(visit.eventsId()));
    return ended == null ? null : new Known(ended.session, ended.binding.admits(visit.caller()));
  }

  /**
   * Nobody listens to the session any more.
   *
   * @param missed whether somebody was served before and missed the end: others make room first
   */
  void keep(Session session, boolean missed) {
    Session oldest;
    synchronized (this) {
      kept.put(session, missed);
      oldest = kept.size() > MOST_KEPT ? takeOldest() : null;
    }
    if (oldest != null) {
      oldest.mailbox().post(oldest::makeRoom);
    }
  }

  /** Nothing is left of the session. */
  synchronized void forgotten(Session session) {
    kept.remove(session);
    Ended ended = byId.get(Digest.of(session.eventsId()));
    if (ended != null && ended.session == session) {
      ended.session = null;
    }
  }

  synchronized int keptCount() {
    return kept.size();
  }

  synchronized int idCount() {
    return byId.size();
  }

  private Session takeOldest() {
    Session oldest = null;
    for (Map.Entry<Session, Boolean> each : kept.entrySet()) {
      if (!each.getValue()) {
        oldest = each.getKey();
        break;
      }
    }
    if (oldest == null) {
      oldest = kept.keySet().iterator().next();
    }
    kept.remove(oldest);
    return oldest;
  }

  private void forgetOld(long nanoTime) {
    Iterator<Ended> oldest = byId.values().iterator();
    while (oldest.hasNext()) {
      Ended ended = oldest.next();
      if (byId.size() <= MOST_IDS && nanoTime - ended.at < REMEMBERED_NANOS) {
        return;
      }
      oldest.remove();
    }
  }
}
