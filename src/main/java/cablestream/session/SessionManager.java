package cablestream.session;

import cablestream.browser.CommandBatch;
import cablestream.browser.CommandReply;
import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.cable.Cable;
import cablestream.environment.Environment;
import cablestream.environment.SessionWeights;
import cablestream.log.EventTime;
import cablestream.log.LastEventId;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Relief;
import cablestream.protocol.Protocols;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds or opens the session of a request, and enforces the limits over all sessions. Any thread;
 * nothing blocks, and nothing is dialled or written under a lock.
 */
public final class SessionManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
  private static final long REVIEW_MILLIS = 1_000;

  /** The memory that a session can't work without. */
  private static final Set<Kind> RELIEVED =
      EnumSet.of(Kind.SESSION, Kind.HEADERS, Kind.LISTENER, Kind.SUBSCRIPTION);

  private enum Phase {
    ACCEPTING,
    DRAINING,
    CLOSED
  }

  private final Environment environment;
  private final Account account;
  private final RateLimitedLog rateLimitedLog;
  private final SessionRegister sessions;
  private final EventTime time;
  private volatile Phase phase = Phase.ACCEPTING;

  /** Null until it begins. */
  private volatile Drain drain;

  /** The account's pressure at the previous review. On the timers' thread only. */
  private long seenPressure;

  /** A manager without a presence listener. */
  public SessionManager(Environment environment) {
    this(environment, PresenceListener.NONE);
  }

  /**
   * @param presenceListener is notified when sessions open and end
   */
  public SessionManager(Environment environment, PresenceListener presenceListener) {
    this.environment = environment;
    account = environment.account();
    sessions = new SessionRegister(environment, presenceListener, this::enter);
    rateLimitedLog = new RateLimitedLog(environment.timers());
    time = new EventTime(environment.execution().clock());
    environment.timers().after(REVIEW_MILLIS, this::review);
  }

  /**
   * GET or POST with {@code Accept: text/event-stream}.
   *
   * @param pingSeconds 1 to 60: a {@code ping} event so often; 0: comment lines instead
   */
  public void listen(SessionRequest sessionRequest, int pingSeconds, Listener.Stream listener) {
    enterUnlessEnded(new Request.Stream(sessionRequest, pingSeconds, listener));
  }

  /**
   * A long poll.
   *
   * @param max events in the answer, 1 or more
   * @param timeout zero answers at once
   */
  public void poll(
      SessionRequest sessionRequest, int max, Duration timeout, Listener.Poll listener) {
    enterUnlessEnded(new Request.Poll(sessionRequest, max, timeout, listener));
  }

  /**
   * A POST with commands.
   *
   * @param opens whether it opens the session if there is none ({@code poll-queue})
   */
  public void command(
      SessionRequest sessionRequest, CommandBatch batch, boolean opens, CommandReply reply) {
    enter(new Request.Post(sessionRequest, batch, opens, reply));
  }

  /**
   * The refusal of a POST before its body is read, if it would be refused afterwards: when many
   * reach a session whose dial hangs, reading bodies is what costs. Null if it should be read.
   *
   * @param length of its body, in bytes; negative if unknown
   */
  public Refusal refusalUnread(String eventsId, long length) {
    // An empty one is a farewell, which waits for nothing.
    Session session = length <= 0 ? null : sessions.open(eventsId);
    // What is stored of a body may be smaller: without JSON's punctuation and escapes.
    return session == null ? null : session.refusalUnread(length / 2);
  }

  /**
   * DELETE, or the farewell: ends the session at once. The reply is a refusal: 204 when done, or if
   * there was no session or another than the request names.
   */
  public void end(SessionRequest sessionRequest, CommandReply reply) {
    Session session = sessions.open(sessionRequest.eventsId());
    if (session == null || !session.identity().isMeantBy(sessionRequest)) {
      reply.refused(new Refusal(204, null));
    } else {
      session.mailbox().run(() -> session.delete(sessionRequest, reply));
    }
  }

  /** This process's name for operators, another one with each start. */
  public String node() {
    return environment.node();
  }

  /** Whether new sessions are accepted: false while draining. */
  public boolean isAccepting() {
    return phase == Phase.ACCEPTING;
  }

  /**
   * Examines at most {@code max} sessions within the time limit, without delaying any.
   *
   * @param done called once, from any thread
   */
  public void survey(int max, Duration limit, Consumer<List<SessionSnapshot>> done) {
    List<Session> some = sessions.all().limit(max).toList();
    Survey.of(some, false, environment.timers(), limit.toMillis(), done);
  }

  /**
   * Examines the sessions with the hash: usually one, none if it has ended.
   *
   * @param hash the session's name in log lines
   */
  public void look(String hash, Duration limit, Consumer<List<SessionSnapshot>> done) {
    Survey.of(sessions.named(hash), true, environment.timers(), limit.toMillis(), done);
  }

  /**
   * Ends the session with the hash, for an operator.
   *
   * @return the number of sessions with the hash; only a single one is ended
   */
  public int end(String hash) {
    List<Session> named = sessions.named(hash);
    if (named.size() == 1) {
      Session session = named.get(0);
      if (sessions.open(session.identity().eventsId()) == session) {
        LOG.info("event=session_closed session={} by=operator", hash);
      }
      session.mailbox().post(() -> session.end(SessionEnding.OPERATOR));
    }
    return named.size();
  }

  /**
   * Logs the transitions of the session with the hash for some time, for an operator.
   *
   * @return the number of sessions with the hash; all of them are logged
   */
  public int logAloud(String hash) {
    List<Session> named = sessions.named(hash);
    named.forEach(session -> session.mailbox().post(session::logAloud));
    return named.size();
  }

  /** Whether there is such a session, or its end is remembered. */
  public boolean has(String eventsId) {
    return sessions.has(eventsId);
  }

  /** Whether there is such a session. */
  public boolean isOpen(String eventsId) {
    return sessions.open(eventsId) != null;
  }

  /**
   * Another node has the session from now on: it ends here.
   *
   * @param misled called from inside its mailbox, if it carried out commands that didn't name it
   */
  public void moved(String eventsId, Runnable misled) {
    Session session = sessions.open(eventsId);
    if (session != null) {
      session
          .mailbox()
          .post(
              () -> {
                session.end(SessionEnding.MOVED);
                if (session.mayHaveMisled()) {
                  misled.run();
                }
              });
    }
  }

  /** The number of sessions that have a cable or are dialling. */
  public int size() {
    return sessions.places();
  }

  /** The present figures of all cables. */
  public Cable.Figures cables() {
    return environment.dialer().figures();
  }

  /** Bytes in all sessions' logs. */
  public long logBytes() {
    return account.used(Kind.LOG);
  }

  /**
   * Drains: first refuses new sessions and notifies tunnels; then, after the notice, announces to
   * every listener when to reconnect and closes every cable. Calls back within the notice and the
   * drain's limit, counted from the first call: there is only one drain.
   */
  public void drain(Consumer<DrainReport> done) {
    Drain begun = null;
    synchronized (this) {
      if (phase != Phase.CLOSED) {
        phase = Phase.DRAINING;
      }
      if (drain == null) {
        drain = new Drain(sessions.open(), sessions.departing(), environment);
        begun = drain;
      }
    }
    drain.whenOver(done);
    if (begun != null) {
      begun.begin();
    }
  }

  /** Ends everything at once. */
  @Override
  public void close() {
    synchronized (this) {
      phase = Phase.CLOSED;
    }
    sessions.all().toList().forEach(session -> session.mailbox().run(() -> session.end(stop())));
  }

  private void enterUnlessEnded(Request request) {
    if (LastEventId.isEnd(request.sessionRequest().cursor())) {
      request.refuse(new Refusal(204, null));
    } else {
      enter(request);
    }
  }

  /** Runs the request in its session's mailbox, or refuses it. */
  private void enter(Request request) {
    Session session = sessions.open(request.sessionRequest().eventsId());
    EndedSessions.Known past = session == null ? sessions.ended(request.sessionRequest()) : null;
    if (past != null) {
      session = past.session();
    }
    if (session != null) {
      receive(session, request);
    } else if (past != null) {
      request.refuse(
          past.admitted()
              ? request.ofEnded()
              : new Refusal(403, "this session belonged to another caller"));
    } else {
      open(request);
    }
  }

  /** Opens a session for the request, or refuses it. */
  private void open(Request request) {
    SessionRequest sessionRequest = request.sessionRequest();
    boolean unresumable = Protocols.isUnresumable(sessionRequest);
    Refusal refusal = refusalToOpen(request, unresumable);
    if (refusal == null && !unresumable) {
      refusal = sessions.reservePlace(sessionRequest.caller().address());
    }
    Holder holder = account.opening(relief(sessionRequest.caller().address()));
    if (refusal == null && !reserves(holder, sessionRequest, environment.responseBytes())) {
      if (!unresumable) {
        sessions.releasePlace(sessionRequest.caller().address());
      }
      refusal = new Refusal(503, "no memory for one more session", 5);
    }
    if (refusal != null) {
      holder.close();
      if (refusal.status() == 503 && isAccepting()) {
        rateLimitedLog.count(RateLimitedLog.Kind.SESSION_REFUSED, "none", refusal.error());
      }
      request.refuse(refusal);
      return;
    }
    holder.opened();
    Session session =
        new Session(sessionRequest, newId(), holder, sessions, environment, time, rateLimitedLog);
    // Threads that find it in the table wait outside the mailbox until it has been opened.
    session.mailbox().run(() -> publish(session, request, unresumable));
  }

  /** Other sessions make room for a session while it holds little besides its container's data. */
  private Relief relief(String address) {
    long max = Account.smallPlace(environment.responseBytes());
    return (kind, total) -> RELIEVED.contains(kind) && total <= max && sessions.makesRoom(address);
  }

  /**
   * Reserves a session's initial memory: itself, a listener, a POST and a subscription. An accepted
   * session has room for all of them, whatever others reserve meanwhile.
   */
  private static boolean reserves(Holder holder, SessionRequest sessionRequest, int responseBytes) {
    return holder.reserve(Kind.SESSION, SessionWeights.SESSION)
        && holder.reserve(Kind.HEADERS, sessionRequest.caller().dial().size())
        && holder.reserve(Kind.LISTENER, SessionWeights.ATTACHED + 2L * responseBytes)
        && holder.reserve(Kind.SUBSCRIPTION, Protocols.firstSubscription(sessionRequest.mode()));
  }

  private Refusal refusalToOpen(Request request, boolean unresumable) {
    if (!request.opens()) {
      return unknown(request.sessionRequest());
    }
    if (!admits(unresumable)) {
      return draining();
    }
    if (!unresumable && !environment.dialer().accepts()) {
      return new Refusal(503, "too many sessions are being opened", 1);
    }
    return null;
  }

  /**
   * While draining, admits only a tunnel that was drained between two of its polls: it needs no
   * room, only the last event.
   */
  private boolean admits(boolean unresumable) {
    return isAccepting() || unresumable && phase != Phase.CLOSED;
  }

  /** The refusal of commands without a session: it has ended, or is at another node. */
  private Refusal unknown(SessionRequest sessionRequest) {
    if (!sessions.hasSeen(sessionRequest.eventsId())) {
      environment.observer().unknown();
      rateLimitedLog.count(
          RateLimitedLog.Kind.SESSION_UNKNOWN,
          "none",
          "no such events-id here: several nodes need routing by path, a cookie or cluster.store");
    }
    return new Refusal(
        404,
        "no such session here (node "
            + environment.node()
            + "): open it with a GET first; where there are several nodes, all requests of a"
            + " browser have to reach the same one, unless cluster.store is set");
  }

  /** A session that won't dial needs no place, and isn't found until it has ended. */
  private void publish(Session session, Request request, boolean unresumable) {
    Session other = unresumable ? null : sessions.add(session);
    if (other != null) {
      sessions.releasePlace(session.identity().address());
      session.holder().close();
      other.mailbox().run(() -> other.receive(request));
      return;
    }
    environment.observer().opened(request.sessionRequest().transport());
    if (!unresumable && session.identity().fallback() != null) {
      environment.observer().fellBack(session.identity().fallback());
    }
    sessions.opened(session, !unresumable);
    if (admits(unresumable)) {
      session.open(request, unresumable);
    } else {
      // The drain or the close may have listed the sessions before this one was added.
      session.end(stop());
      request.refuse(draining());
    }
  }

  /** 16 characters of 62: 95 random bits. */
  private String newId() {
    String alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    StringBuilder id = new StringBuilder(16);
    for (int i = 0; i < 16; i++) {
      id.append(alphabet.charAt(environment.random().nextInt(alphabet.length())));
    }
    return id.toString();
  }

  /** The ending of sessions when the manager closes. */
  private SessionEnding stop() {
    return SessionEnding.stop(draining());
  }

  private Refusal draining() {
    return environment.limits().drain().refusal(environment.random());
  }

  /**
   * A request that waits for a mailbox is charged: while one is being refused, hundreds of others
   * may arrive.
   */
  private void receive(Session session, Request request) {
    if (session.mailbox().runIfFree(() -> session.receive(request))) {
      return;
    }
    long size = request.size();
    if (!account.reserve(Kind.COMMAND, size, 0)) {
      request.refuse(new Refusal(503, "too many requests wait for their turn", 1));
      return;
    }
    session
        .mailbox()
        .run(
            () -> {
              account.release(Kind.COMMAND, size);
              session.receive(request);
            });
  }

  /** Resumes sessions that paused because of others, and evicts histories. */
  private void review() {
    sessions.review();
    long pressure = account.pressure();
    if (pressure != seenPressure) {
      seenPressure = pressure;
      // Full histories are normal, and their eviction isn't worth a line.
      if (account.unread() > account.limit(Kind.LOG) / 2) {
        rateLimitedLog.count(
            RateLimitedLog.Kind.LOG_BUDGET_EXCEEDED,
            "none",
            account.unread() + " bytes in all logs together are unread");
      }
      sessions.all().forEach(session -> session.mailbox().post(session::budgetChanged));
    }
    if (phase != Phase.CLOSED) {
      environment.timers().after(REVIEW_MILLIS, this::review);
    }
  }
}
