package cablestream.session;

import cablestream.browser.Digest;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.concurrent.Timers;
import cablestream.environment.Environment;
import cablestream.environment.Limits;
import cablestream.memory.FairShares;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * All sessions and their limits: the open ones, those whose last event is still to be received, and
 * what is remembered of others. Any thread.
 */
final class SessionRegister implements SessionListener {
  /**
   * This many sessions of the newcomer's network count as much as one session without listeners of
   * another network: so a network of many honest users is admitted even if a stranger has opened
   * fewer sessions only to leave them.
   */
  private static final int WORTH_OF_DETACHED = 4;

  private static final String NO_FILES =
      "no file descriptors for one more session: raise ulimit -n (LimitNOFILE)";

  /** The largest number of sessions that are asked to end for one that needs room. */
  private static final int MAX_ASKED = 8;

  private static final int SEEN = 32 * 1_024;

  /** Sessions that have a cable or are dialling: each has a place. */
  private final Map<String, Session> open = new ConcurrentHashMap<>();

  /** The open sessions without listeners, which make room for others. */
  private final FairShares<Session> detached = new FairShares<>();

  /** Sessions without a cable whose last event is still to be received. */
  private final Set<Session> departing = ConcurrentHashMap.newKeySet();

  private final EndedSessions ended;
  private final Timers timers;
  private final PresenceListener presenceListener;
  private final Consumer<Request> requestAfterEnd;

  /** The largest number, in all and, unless it is 0, for one client address. */
  private final int max;

  /** The error if there are as many. */
  private final String full;

  private final int maxOfAddress;
  private final AtomicInteger places = new AtomicInteger();
  private final Map<String, Integer> placesByAddress = new ConcurrentHashMap<>();

  /**
   * Events-ids that were recently in use here: distinguishes a client that comes too late from one
   * that was routed to the wrong node. Of fixed size: each id has one slot, which another may
   * overwrite, so an id is sometimes forgotten, but never found by mistake.
   */
  private final AtomicLongArray seen = new AtomicLongArray(SEEN);

  /**
   * @param presenceListener is notified when sessions open and end
   * @param requestAfterEnd receives requests that reached a session after its end
   */
  SessionRegister(
      Environment environment,
      PresenceListener presenceListener,
      Consumer<Request> requestAfterEnd) {
    timers = environment.timers();
    ended = new EndedSessions(environment.account());
    Limits.Sessions limits = environment.limits().sessions();
    max = Math.min(limits.max(), limits.fitting());
    full = max < limits.max() ? NO_FILES : "too many sessions";
    maxOfAddress = limits.maxOfAddress();
    this.presenceListener = presenceListener;
    this.requestAfterEnd = requestAfterEnd;
  }

  /**
   * Reserves a place: checks and counts atomically, as many may come at once.
   *
   * @return null if it was reserved, otherwise the refusal
   */
  Refusal reservePlace(String address) {
    if (!countsFor(address)) {
      return new Refusal(503, "too many sessions from this address", 5);
    }
    while (places.getAndUpdate(now -> now < max ? now + 1 : now) >= max) {
      if (!makesRoom(address)) {
        uncount(address);
        return new Refusal(503, full, 5);
      }
    }
    return null;
  }

  /**
   * Ends a session without listeners, the oldest of the network that has most of them, for one of
   * the address. Not inside that session's mailbox.
   *
   * @return false if none can be ended
   */
  boolean makesRoom(String address) {
    for (int i = 0; i < MAX_ASKED; i++) {
      int own = placesByAddress.getOrDefault(address, 0);
      Session session = detached.takeOldest(address, 1 + own / WORTH_OF_DETACHED);
      if (session == null) {
        return false;
      }
      if (session.giveWay()) {
        return true;
      }
    }
    return false;
  }

  /** Counts one more of the address, unless that exceeds the limit. */
  private boolean countsFor(String address) {
    boolean[] counts = new boolean[1];
    placesByAddress.compute(
        address,
        (key, count) -> {
          int now = count == null ? 0 : count;
          counts[0] = maxOfAddress == 0 || now < maxOfAddress;
          return counts[0] ? Integer.valueOf(now + 1) : count;
        });
    return counts[0];
  }

  void releasePlace(String address) {
    places.decrementAndGet();
    uncount(address);
  }

  private void uncount(String address) {
    placesByAddress.computeIfPresent(
        address, (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
  }

  /** The number of reserved places. */
  int places() {
    return places.get();
  }

  /**
   * Adds a session, unless there is one with its events-id.
   *
   * @return the existing one; null for none
   */
  Session add(Session session) {
    return open.putIfAbsent(session.identity().eventsId(), session);
  }

  /**
   * A session was created.
   *
   * @param isFound whether others can find it
   */
  void opened(Session session, boolean isFound) {
    if (isFound) {
      presenceListener.opened(session.identity().eventsId());
    }
    long mark = mark(session.identity().eventsId());
    seen.set(slot(mark), mark);
  }

  /** Whether there was such a session here recently; false for a few that were forgotten. */
  boolean hasSeen(String eventsId) {
    long mark = mark(eventsId);
    return seen.get(slot(mark)) == mark;
  }

  private static long mark(String eventsId) {
    return Digest.of(eventsId).bits();
  }

  private static int slot(long mark) {
    return (int) (mark & (SEEN - 1));
  }

  /** The open session; null for none. */
  Session open(String eventsId) {
    return open.get(eventsId);
  }

  /** The open sessions. */
  Collection<Session> open() {
    return open.values();
  }

  /** The sessions that have ended, and whose last event is still to be received. */
  Set<Session> departing() {
    return departing;
  }

  /** What is known of one that has ended permanently; null for nothing. */
  EndedSessions.Known ended(SessionRequest sessionRequest) {
    return ended.find(sessionRequest, timers.nanoTime());
  }

  /** Whether there is one, or its end is remembered. */
  boolean has(String eventsId) {
    return open.containsKey(eventsId) || ended.remembers(eventsId, timers.nanoTime());
  }

  /** Those with a cable first, then those that have ended. */
  Stream<Session> all() {
    return Stream.concat(open.values().stream(), departing.stream());
  }

  /** The sessions with the hash. */
  List<Session> named(String hash) {
    return all().filter(session -> session.identity().hash().equals(hash)).toList();
  }

  /** Drops what has expired. */
  void review() {
    ended.review(timers.nanoTime());
  }

  /** Remembered first, so that a concurrent request finds one or the other. */
  @Override
  public void left(Session session, boolean forGood) {
    boolean hadLeft = !departing.add(session);
    if (forGood) {
      ended.add(session, timers.nanoTime());
    } else if (hadLeft) {
      ended.forgotten(session); // one that had ended permanently, which a drain ends
    }
    if (open.remove(session.identity().eventsId(), session)) {
      releasePlace(session.identity().address());
      presenceListener.left(session.identity().eventsId(), forGood);
    }
  }

  @Override
  public void lingers(Session session, boolean missed) {
    ended.keep(session, missed);
  }

  @Override
  public void forgotten(Session session) {
    departing.remove(session);
    ended.forgotten(session);
  }

  @Override
  public void detached(Session session) {
    detached.put(session.identity().address(), session, 1);
  }

  @Override
  public void notDetached(Session session) {
    detached.remove(session.identity().address(), session);
  }

  @Override
  public void requestAfterEnd(Request request) {
    requestAfterEnd.accept(request);
  }
}
