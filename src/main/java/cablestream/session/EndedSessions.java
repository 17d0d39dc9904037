package cablestream.session;

import cablestream.browser.Digest;
import cablestream.browser.SessionRequest;
import cablestream.environment.SessionWeights;
import cablestream.memory.Account;
import cablestream.memory.Kind;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers events-ids that have ended permanently, for a limited time: which callers may learn the
 * end and, while a client may still need the last event, the session. Both are limited in number,
 * and the oldest are dropped. Any thread.
 */
final class EndedSessions {
  /** How long an events-id that has ended is remembered; protocol section 6. */
  private static final long REMEMBERED_NANOS = Duration.ofMinutes(5).toNanos();

  /** Some 400 bytes each. */
  static final int MAX_IDS = 10_000;

  /** Sessions without listeners, with their logs, which have a budget of their own. */
  static final int MAX_KEPT = 256;

  /** What is stored for an events-id that has ended. */
  private static final class Ended {
    private final SessionOwner.Memory sessionOwner;
    private final long at;
    private Session session;

    private Ended(Session session, long at) {
      this.session = session;
      this.at = at;
      sessionOwner = session.sessionOwner().memory();
    }
  }

  private final Account account;
  private final Map<Digest, Ended> byId = new LinkedHashMap<>();

  /** Sessions without listeners, and whether a client has missed their end. */
  private final Map<Session, Boolean> kept = new LinkedHashMap<>();

  EndedSessions(Account account) {
    this.account = account;
  }

  /**
   * The answer for a client that comes late: from the session, or null if only its end is
   * remembered.
   */
  record Known(Session session, boolean admitted) {}

  /** The session has just ended permanently. */
  void add(Session session, long nanoTime) {
    // As in all methods, hashed outside of the lock, which all sessions share.
    Digest id = Digest.of(session.identity().eventsId());
    Ended ended = new Ended(session, nanoTime);
    synchronized (this) {
      if (byId.remove(id) != null) {
        account.release(Kind.ENDED, SessionWeights.ENDED);
      }
      forgetOld(nanoTime, MAX_IDS - 1);
      // Each belongs to another client, so none holds much of them.
      while (!account.reserve(Kind.ENDED, SessionWeights.ENDED, 0)) {
        if (byId.isEmpty()) {
          return;
        }
        forgetOldest();
      }
      byId.put(id, ended);
    }
  }

  /** What is known of the events-id; null for nothing. */
  Known find(SessionRequest sessionRequest, long nanoTime) {
    if (isEmpty()) {
      return null;
    }
    Digest id = Digest.of(sessionRequest.eventsId());
    Ended ended;
    Session session;
    synchronized (this) {
      forgetOld(nanoTime, MAX_IDS);
      ended = byId.get(id);
      session = ended == null ? null : ended.session;
    }
    return ended == null
        ? null
        : new Known(session, ended.sessionOwner.admits(sessionRequest.caller()));
  }

  /** Whether the events-id is remembered. */
  boolean remembers(String eventsId, long nanoTime) {
    if (isEmpty()) {
      return false;
    }
    Digest id = Digest.of(eventsId);
    synchronized (this) {
      forgetOld(nanoTime, MAX_IDS);
      return byId.containsKey(id);
    }
  }

  /**
   * Keeps a session without listeners.
   *
   * @param missed whether a client was served before and missed the end; such sessions are dropped
   *     last
   */
  void keep(Session session, boolean missed) {
    Session oldest;
    synchronized (this) {
      kept.put(session, missed);
      oldest = kept.size() > MAX_KEPT ? takeOldest() : null;
    }
    if (oldest != null) {
      oldest.mailbox().post(oldest::makeRoom);
    }
  }

  /** Drops what has expired, even without requests. */
  synchronized void review(long nanoTime) {
    forgetOld(nanoTime, MAX_IDS);
  }

  /** The session needs nothing any more. */
  void forgotten(Session session) {
    Digest id = isEmpty() ? null : Digest.of(session.identity().eventsId());
    synchronized (this) {
      kept.remove(session);
      Ended ended = byId.get(id);
      if (ended != null && ended.session == session) {
        ended.session = null;
      }
    }
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

  /** Usually, so that nothing has to be hashed. */
  private synchronized boolean isEmpty() {
    return byId.isEmpty();
  }

  private void forgetOld(long nanoTime, int max) {
    while (!byId.isEmpty()) {
      Ended oldest = byId.values().iterator().next();
      if (byId.size() <= max && nanoTime - oldest.at < REMEMBERED_NANOS) {
        return;
      }
      forgetOldest();
    }
  }

  private void forgetOldest() {
    Iterator<Ended> oldest = byId.values().iterator();
    oldest.next();
    oldest.remove();
    account.release(Kind.ENDED, SessionWeights.ENDED);
  }
}
