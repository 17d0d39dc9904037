package cablestream.session;

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
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * All sessions there are, and how many there may be: those that are open, those that somebody has
 * yet to hear the end of, and what is remembered of others. Any thread.
 */
final class SessionRegister implements SessionListener {
  /** Those that have a cable or are dialling one: each has a place. */
  private final Map<String, Session> open = new ConcurrentHashMap<>();

  /** Of those that are open, the ones that nobody listens to: they give way to others. */
  private final FairShares<Session> unheard = new FairShares<>();

  /** Those that have none any more, while somebody has yet to hear their last event. */
  private final Set<Session> departing = ConcurrentHashMap.newKeySet();

  private final EndedSessions ended;
  private final Timers timers;
  private final PresenceListener presenceListener;
  private final Consumer<Request> requestAfterEnd;

  /**
   * As many sessions of the newcomer's network count as much as one of another's that nobody
   * listens to: so a network of many honest users is let in where a stranger has opened fewer
   * sessions only to leave them.
   */
  private static final int WORTH_OF_UNHEARD = 4;

  private static final String NO_FILES =
      "no file descriptors for one more session: raise ulimit -n (LimitNOFILE)";

  /** Sessions that are asked to give way, for one that needs room. */
  private static final int MAX_ASKED = 8;

  /** How many there may be, over all and, where it isn't 0, of one client address. */
  private final int most;

  /** What is said where there are as many. */
  private final String full;

  private final int mostOfAddress;
  private final AtomicInteger places = new AtomicInteger();
  private final Map<String, Integer> placesByAddress = new ConcurrentHashMap<>();

  private final SeenIds seen = new SeenIds();

  /**
   * @param presenceListener hears of each session that comes and goes
   * @param requestAfterEnd takes requests that have found a session too late
   */
  SessionRegister(
      Environment environment,
      PresenceListener presenceListener,
      Consumer<Request> requestAfterEnd) {
    timers = environment.timers();
    ended = new EndedSessions(environment.account());
    Limits.Sessions limits = environment.limits().sessions();
    most = Math.min(limits.most(), limits.fitting());
    full = most < limits.most() ? NO_FILES : "too many sessions";
    mostOfAddress = limits.mostOfAddress();
    this.presenceListener = presenceListener;
    this.requestAfterEnd = requestAfterEnd;
  }

  /**
   * Takes a place, or says why not: looks and counts in one, as many may come at once.
   *
   * @return null if it was taken
   */
  Refusal takePlace(String address) {
    if (!countsFor(address)) {
      return new Refusal(503, "too many sessions from this address", 5);
    }
    while (places.getAndUpdate(now -> now < most ? now + 1 : now) >= most) {
      if (!makesRoom(address)) {
        uncount(address);
        return new Refusal(503, full, 5);
      }
    }
    return null;
  }

  /**
   * Ends a session that nobody listens to, the oldest of the network that has most of them, for one
   * of the address. Not inside that one's mailbox.
   *
   * @return false: none has to give way
   */
  boolean makesRoom(String address) {
    for (int i = 0; i < MAX_ASKED; i++) {
      int own = placesByAddress.getOrDefault(address, 0);
      Session session = unheard.takeOldest(address, 1 + own / WORTH_OF_UNHEARD);
      if (session == null) {
        return false;
      }
      if (session.giveWay()) {
        return true;
      }
    }
    return false;
  }

  /** Counts one more of the address, unless it would be one too many. */
  private boolean countsFor(String address) {
    boolean[] counts = new boolean[1];
    placesByAddress.compute(
        address,
        (key, count) -> {
          int now = count == null ? 0 : count;
          counts[0] = mostOfAddress == 0 || now < mostOfAddress;
          return counts[0] ? Integer.valueOf(now + 1) : count;
        });
    return counts[0];
  }

  void giveBackPlace(String address) {
    places.decrementAndGet();
    uncount(address);
  }

  private void uncount(String address) {
    placesByAddress.computeIfPresent(
        address, (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
  }

  /** How many are taken. */
  int places() {
    return places.get();
  }

  /**
   * A session is open from now on, unless there is one of that name.
   *
   * @return the one that there is; null for none
   */
  Session add(Session session) {
    return open.putIfAbsent(session.identity().eventsId(), session);
  }

  /**
   * A session has come into being.
   *
   * @param isFound whether others are to find it
   */
  void opened(Session session, boolean isFound) {
    if (isFound) {
      presenceListener.opened(session.identity().eventsId());
    }
    seen.add(session.identity().eventsId());
  }

  /** Whether there was such a session here lately; rarely it is forgotten. */
  boolean hasSeen(String eventsId) {
    return seen.contains(eventsId);
  }

  /** The one that is open; null for none. */
  Session open(String eventsId) {
    return open.get(eventsId);
  }

  /** Those that are open. */
  Collection<Session> open() {
    return open.values();
  }

  /** Those that are over, while somebody has yet to hear it. */
  Set<Session> departing() {
    return departing;
  }

  /** What is known of one that ended for good; null for nothing. */
  EndedSessions.Known ended(SessionRequest sessionRequest) {
    return ended.find(sessionRequest, timers.nanoTime());
  }

  /** Whether there is one, or it is remembered how it ended. */
  boolean has(String eventsId) {
    return open.containsKey(eventsId) || ended.remembers(eventsId, timers.nanoTime());
  }

  /** Those with a cable first, then those that are over. */
  Stream<Session> all() {
    return Stream.concat(open.values().stream(), departing.stream());
  }

  /** Those that a log line may mean. */
  List<Session> named(String hash) {
    return all().filter(session -> session.identity().hash().equals(hash)).toList();
  }

  /** Forgets what is old. */
  void review() {
    ended.review(timers.nanoTime());
  }

  /** Remembered first, so that nobody comes in between and finds neither. */
  @Override
  public void left(Session session, boolean forGood) {
    departing.add(session);
    if (forGood) {
      ended.add(session, timers.nanoTime());
    }
    if (open.remove(session.identity().eventsId(), session)) {
      giveBackPlace(session.identity().address());
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
  public void unheard(Session session) {
    unheard.put(session.identity().address(), session, 1);
  }

  @Override
  public void heard(Session session) {
    unheard.remove(session.identity().address(), session);
  }

  @Override
  public void requestAfterEnd(Request request) {
    requestAfterEnd.accept(request);
  }
}
