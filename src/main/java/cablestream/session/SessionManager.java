package cablestream.session;

import cablestream.browser.CommandBatch;
import cablestream.browser.CommandReply;
import cablestream.browser.Listener;
import cablestream.browser.Mode;
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
 * Finds or opens the session a request is for, and keeps the limits over all of them. Any thread;
 * nothing blocks, and nothing is dialled or written under a lock.
 */
public final class SessionManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);
  private static final long REVIEW_MILLIS = 1_000;

  /** What a session can't do without. */
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

  /** The account's, at the review before. On the timers' thread only. */
  private long seenPressure;

  /** One that nobody but its listeners and those who ask has to know of. */
  public SessionManager(Environment environment) {
    this(environment, PresenceListener.NOBODY);
  }

  /**
   * @param presenceListener hears of each session that comes and goes
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
    enterUnlessToldToStop(new Request.Stream(sessionRequest, pingSeconds, listener));
  }

  /**
   * A long poll.
   *
   * @param most events in the answer, 1 or more
   * @param timeout zero answers at once
   */
  public void poll(
      SessionRequest sessionRequest, int most, Duration timeout, Listener.Poll listener) {
    enterUnlessToldToStop(new Request.Poll(sessionRequest, most, timeout, listener));
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
   * Why a POST had better not be read, as it would only be refused after that: where many come to a
   * session whose dial hangs, reading them is what costs. Null for no reason.
   *
   * @param length of its body, in bytes; negative where it doesn't say
   */
  public Refusal refusalUnread(String eventsId, long length) {
    // An empty one is a farewell, which waits for nothing.
    Session session = length <= 0 ? null : sessions.open(eventsId);
    // What is kept of a body may be less than it: without JSON's signs and escapes.
    return session == null ? null : session.refusalUnread(length / 2);
  }

  /**
   * DELETE, or the farewell: ends the session at once. The reply is a refusal: 204 when done, or
   * when there was none, or another than the request names.
   */
  public void end(SessionRequest sessionRequest, CommandReply reply) {
    Session session = sessions.open(sessionRequest.eventsId());
    if (session == null || !session.identity().isMeantBy(sessionRequest)) {
      reply.refused(new Refusal(204, null));
    } else {
      session.mailbox().run(() -> session.delete(sessionRequest, reply));
    }
  }

  /** Names this process for operators; another one with each start. */
  public String node() {
    return environment.node();
  }

  /** Whether new sessions are let in: false while draining. */
  public boolean isAccepting() {
    return phase == Phase.ACCEPTING;
  }

  /**
   * Looks at the sessions, at most so many, for so long, without holding any of them up.
   *
   * @param done called once, from any thread
   */
  public void survey(int most, Duration limit, Consumer<List<SessionSnapshot>> done) {
    List<Session> some = sessions.all().limit(most).toList();
    Survey.of(some, false, environment.timers(), limit.toMillis(), done);
  }

  /**
   * Looks at those that a log line may mean: one as a rule, none if it is over.
   *
   * @param hash as log lines name a session
   */
  public void look(String hash, Duration limit, Consumer<List<SessionSnapshot>> done) {
    Survey.of(sessions.named(hash), true, environment.timers(), limit.toMillis(), done);
  }

  /**
   * Ends the session that is named so, for an operator.
   *
   * @return how many are named so: only if it is one, it ends
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
   * Logs what becomes of the session that is named so, for an operator, for some time.
   *
   * @return how many are named so; all of them are logged
   */
  public int logAloud(String hash) {
    List<Session> named = sessions.named(hash);
    named.forEach(session -> session.mailbox().post(session::logAloud));
    return named.size();
  }

  /** Whether there is such a session, or it is remembered how it ended. */
  public boolean has(String eventsId) {
    return sessions.has(eventsId);
  }

  /** Whether there is such a session. */
  public boolean isOpen(String eventsId) {
    return sessions.open(eventsId) != null;
  }

  /**
   * Another bridge has the session from now on: it ends here.
   *
   * @param misled called, from inside its mailbox, if it carried out commands that didn't name it
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

  /** Sessions now: those that have a cable or are dialling one. */
  public int size() {
    return sessions.places();
  }

  /** What cables and dials have shown of the ActionCable server. */
  public Cable.Health cableHealth() {
    return environment.dialer().health();
  }

  /** Cables that have been welcomed and aren't over. */
  public int cables() {
    return environment.dialer().live();
  }

  /** Dials that may be underway at the same time, at present. */
  public int dialLimit() {
    return environment.dialer().dialLimit();
  }

  /** Dials that wait for their turn. */
  public int waitingDials() {
    return environment.dialer().waitingDials();
  }

  /** Bytes in all sessions' logs now. */
  public long logBytes() {
    return account.used(Kind.LOG);
  }

  /**
   * Says goodbye: first no new sessions, and tunnels are told; then, after the notice, every
   * listener is told when to come back and every cable is closed. Calls back within the notice and
   * the drain's limit, counted from the first call: there is one drain only.
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

  private void enterUnlessToldToStop(Request request) {
    if (LastEventId.saysEnd(request.sessionRequest().cursor())) {
      request.refuse(new Refusal(204, null));
    } else {
      enter(request);
    }
  }

  /** Brings the request into its session's mailbox, or refuses it. */
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

  /** Opens a session for the request and hands it over, or refuses it. */
  private void open(Request request) {
    SessionRequest sessionRequest = request.sessionRequest();
    boolean unresumable = Protocols.isUnresumable(sessionRequest);
    Refusal refusal = refusalToOpen(request, unresumable);
    if (refusal == null && !unresumable) {
      refusal = sessions.takePlace(sessionRequest.caller().address());
    }
    Holder holder = account.holder(relief(sessionRequest.caller().address()));
    if (refusal == null && !takes(holder, sessionRequest, environment.responseBytes())) {
      if (!unresumable) {
        sessions.giveBackPlace(sessionRequest.caller().address());
      }
      refusal = new Refusal(503, "no memory for one more session", 5);
    }
    if (refusal != null) {
      holder.close();
      if (refusal.status() == 503 && isAccepting()) {
        rateLimitedLog.tell(RateLimitedLog.Kind.SESSION_REFUSED, "none", refusal.error());
      }
      request.refuse(refusal);
      return;
    }
    Session session =
        new Session(sessionRequest, newId(), holder, sessions, environment, time, rateLimitedLog);
    // Whoever finds it in the table waits outside the mailbox until it has been opened.
    session.mailbox().run(() -> publish(session, request, unresumable));
  }

  /** Others make room for a session as long as it holds little beside what its container keeps. */
  private Relief relief(String address) {
    long most = Account.SMALL_PLACE + 2L * environment.responseBytes();
    return (kind, total) -> RELIEVED.contains(kind) && total <= most && sessions.makesRoom(address);
  }

  /**
   * What a session needs at first: itself, a listener, a POST and a subscription. One that is let
   * in has room for all of them, whatever others take meanwhile.
   */
  private static boolean takes(Holder holder, SessionRequest sessionRequest, int responseBytes) {
    return holder.take(Kind.SESSION, SessionWeights.SESSION)
        && holder.take(Kind.HEADERS, sessionRequest.caller().dial().size())
        && holder.take(Kind.LISTENER, SessionWeights.ATTACHED + 2L * responseBytes)
        && holder.take(Kind.SUBSCRIPTION, Protocols.firstSubscription(sessionRequest.mode()));
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
   * While it drains, only a tunnel that it drained between two of its polls: the next needs no
   * room, but a last word.
   */
  private boolean admits(boolean unresumable) {
    return isAccepting() || unresumable && phase != Phase.CLOSED;
  }

  /** There is no session for commands: over, or at another node. */
  private Refusal unknown(SessionRequest sessionRequest) {
    if (!sessions.hasSeen(sessionRequest.eventsId())) {
      environment.observer().unknown();
      rateLimitedLog.tell(
          RateLimitedLog.Kind.SESSION_UNKNOWN,
          "none",
          "commands for events-ids never seen here: each browser has to stay with one node, unless"
              + " cluster.store is set");
    }
    return new Refusal(
        404,
        "no such session here (node "
            + environment.node()
            + "): open it with a GET first; where there are several nodes, all requests of a"
            + " browser have to reach the same one, unless cluster.store is set");
  }

  /** One that won't dial needs no place, and nobody has to find it until it has ended. */
  private void publish(Session session, Request request, boolean unresumable) {
    Session other = unresumable ? null : sessions.add(session);
    if (other != null) {
      sessions.giveBackPlace(session.identity().address());
      session.holder().close();
      other.mailbox().run(() -> other.receive(request));
      return;
    }
    SessionRequest opening = request.sessionRequest();
    environment.observer().opened(opening.transport());
    if (!unresumable && opening.mode() == Mode.TUNNEL) {
      environment.observer().fellBack(opening.fallback());
    }
    sessions.opened(session, !unresumable);
    if (admits(unresumable)) {
      session.open(request);
    } else {
      // The drain, or the end, may have looked before this session was there to be seen.
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

  /** What those get that are there when it closes. */
  private SessionEnding stop() {
    return SessionEnding.stop(draining());
  }

  private Refusal draining() {
    return environment.limits().drain().refusal(environment.random());
  }

  /**
   * What waits for its turn in a mailbox is held like anything else: while one request is refused,
   * hundreds of others may come.
   */
  private void receive(Session session, Request request) {
    long size = request.size();
    if (!account.take(Kind.COMMAND, size, 0)) {
      request.refuse(new Refusal(503, "too many requests wait for their turn", 1));
      return;
    }
    session
        .mailbox()
        .run(
            () -> {
              account.giveBack(Kind.COMMAND, size);
              session.receive(request);
            });
  }

  /**
   * Sessions that paused for others' sake learn that there is room again, and evict what they can.
   */
  private void review() {
    sessions.review();
    long pressure = account.pressure();
    if (pressure != seenPressure) {
      seenPressure = pressure;
      // Histories fill what there is wherever enough is said; that they go is nothing to be told.
      if (account.unread() > account.limit(Kind.LOG) / 2) {
        rateLimitedLog.tell(
            RateLimitedLog.Kind.LOG_BUDGET_EXCEEDED,
            "none",
            account.unread() + " bytes in all logs together have yet to be read");
      }
      sessions.all().forEach(session -> session.mailbox().post(session::budgetChanged));
    }
    if (phase != Phase.CLOSED) {
      environment.timers().after(REVIEW_MILLIS, this::review);
    }
  }
}
