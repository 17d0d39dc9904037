package cablestream.session;

import cablestream.browser.Mode;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.environment.Environment;
import cablestream.environment.SessionWeights;
import cablestream.log.EventTime;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.protocol.Protocols;

/**
 * Opens sessions, for requests that found none: decides whether there is room, and makes one that
 * whoever comes can find, once. Any thread.
 */
final class SessionOpener {
  private enum Phase {
    ACCEPTING,
    DRAINING,
    CLOSED
  }

  private final Environment environment;
  private final SessionRegister sessions;
  private final Places places;
  private final PresenceListener presenceListener;
  private final RateLimitedLog rateLimitedLog;
  private final Account account;
  private final EventTime time;
  private final SeenIds seen = new SeenIds();
  private volatile Phase phase = Phase.ACCEPTING;

  /**
   * @param sessions where new ones are found, and which hears of their ends
   */
  SessionOpener(
      Environment environment,
      SessionRegister sessions,
      Places places,
      PresenceListener presenceListener,
      RateLimitedLog rateLimitedLog) {
    this.presenceListener = presenceListener;
    this.environment = environment;
    this.sessions = sessions;
    this.places = places;
    this.rateLimitedLog = rateLimitedLog;
    account = environment.account();
    time = new EventTime(environment.clock());
  }

  boolean isAccepting() {
    return phase == Phase.ACCEPTING;
  }

  /** No more sessions, but for a last word. */
  synchronized void drain() {
    if (phase != Phase.CLOSED) {
      phase = Phase.DRAINING;
    }
  }

  /** No more at all. */
  synchronized void close() {
    phase = Phase.CLOSED;
  }

  boolean isClosed() {
    return phase == Phase.CLOSED;
  }

  /** Opens a session for the request and hands it over, or refuses it. */
  void open(Request request) {
    SessionRequest sessionRequest = request.sessionRequest();
    boolean hopeless = Protocols.isHopeless(sessionRequest);
    Refusal refusal = refusalToOpen(request, hopeless);
    if (refusal == null && !hopeless) {
      refusal = places.take(sessionRequest.caller().address());
    }
    Holder holder = account.holder();
    if (refusal == null && !takes(holder, sessionRequest)) {
      if (!hopeless) {
        places.giveBack(sessionRequest.caller().address());
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
    session.mailbox().run(() -> publish(session, request, hopeless));
  }

  /** What a session needs at first. */
  private static boolean takes(Holder holder, SessionRequest sessionRequest) {
    return holder.take(Kind.SESSION, SessionWeights.SESSION)
        && holder.take(Kind.HEADERS, sessionRequest.caller().dial().size());
  }

  private Refusal refusalToOpen(Request request, boolean hopeless) {
    if (!request.opens()) {
      return unknown(request.sessionRequest());
    }
    if (!admits(hopeless)) {
      return draining();
    }
    if (!hopeless && !environment.dialer().accepts()) {
      return new Refusal(503, "too many sessions are being opened", 1);
    }
    return null;
  }

  /**
   * While it drains, only a tunnel that it drained between two of its polls: the next needs no
   * room, but a last word.
   */
  private boolean admits(boolean hopeless) {
    return isAccepting() || hopeless && phase != Phase.CLOSED;
  }

  /** There is no session for commands: over, or at another node. */
  private Refusal unknown(SessionRequest sessionRequest) {
    if (!seen.contains(sessionRequest.eventsId())) {
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
            + "): open it with a GET first; where there are several nodes, all requests of a browser"
            + " have to reach the same one, unless cluster.store is set");
  }

  /** One that won't dial needs no place, and nobody has to find it until it has ended. */
  private void publish(Session session, Request request, boolean hopeless) {
    Session other = hopeless ? null : sessions.add(session);
    if (other != null) {
      places.giveBack(session.identity().address());
      session.holder().close();
      other.mailbox().run(() -> other.receive(request));
      return;
    }
    SessionRequest opening = request.sessionRequest();
    environment.observer().opened(opening.transport());
    if (!hopeless && opening.mode() == Mode.TUNNEL) {
      environment.observer().fellBack(opening.fallback());
    }
    if (!hopeless) {
      presenceListener.opened(session.identity().eventsId());
    }
    seen.add(session.identity().eventsId());
    if (admits(hopeless)) {
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
  SessionEnding stop() {
    return SessionEnding.stop(draining());
  }

  private Refusal draining() {
    return environment.limits().drain().refusal(environment.random());
  }
}
