package cablestream.session;

import static cablestream.session.SessionState.ENDED;
import static cablestream.session.SessionState.GONE;
import static cablestream.session.SessionState.LEAVING;
import static cablestream.session.SessionState.LIVE;
import static cablestream.session.SessionState.NEW;
import static cablestream.session.SessionState.OPENING;

import cablestream.browser.Refusal;
import cablestream.cable.CableEnding;
import cablestream.delivery.LastEvents;
import cablestream.environment.Limits;
import cablestream.environment.Observer;
import cablestream.log.Event;
import cablestream.protocol.Protocol;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/**
 * Why a session ends, and what follows: all of it is here, and {@link Session#end} does it.
 *
 * <pre>
 *  why          from                    listeners hear       who waits gets  then
 *  CLIENT       OPENING, LIVE, LEAVING  "ended"              410             GONE
 *  OPERATOR     OPENING, LIVE, LEAVING  "ended"              410             GONE
 *  LINGER       LIVE                    nobody listens       nobody waits    GONE
 *  EVICTED      LIVE                    nobody listens       nobody waits    GONE
 *  MOVED        OPENING, LIVE, LEAVING  when to come back    503             GONE
 *  DIAL_FAILED  OPENING                 nobody listens       how it failed   GONE
 *  CABLE        LIVE                    the server's reason  nobody waits    ENDED
 *  BROKEN       LIVE                    what broke           nobody waits    ENDED
 *  DRAIN        all but NEW, GONE       when to come back    503             LEAVING first, GONE
 *  STOP         all                     they are cut         503             GONE
 * </pre>
 *
 * An events-id may be used again at once, but after ENDED, which is kept for those who haven't
 * heard it yet.
 *
 * @param kind as it is counted
 * @param from the states that it can end; in others it comes too late
 * @param lastEvents what listeners hear, by the protocol that they speak; null: they are cut
 * @param ofWaiting what those get who wait for the dial
 * @param closeCode what the cable is closed with, where it isn't closed already
 * @param closeReason the same
 * @param next what becomes of the session
 */
record SessionEnding(
    Observer.Ending kind,
    Set<SessionState> from,
    Function<Protocol, LastEvents> lastEvents,
    Refusal ofWaiting,
    int closeCode,
    String closeReason,
    SessionState next) {

  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;
  private static final long MOVED_RETRY_MILLIS = 1_000;
  private static final Refusal GONE_FOR_WAITING = new Refusal(410, "this session was ended");
  private static final Set<SessionState> WITH_CABLE = EnumSet.of(OPENING, LIVE, LEAVING);

  /** DELETE, or the farewell. */
  static final SessionEnding CLIENT =
      onPurpose(Observer.Ending.CLIENT, WITH_CABLE, "the client ended the session");

  /** An operator has had enough of it. */
  static final SessionEnding OPERATOR =
      onPurpose(Observer.Ending.OPERATOR, WITH_CABLE, "an operator ended the session");

  /** Nobody has come for too long. */
  static final SessionEnding LINGER =
      onPurpose(Observer.Ending.LINGER, EnumSet.of(LIVE), "nobody listens");

  /** Nobody listens, and others have no room. */
  static final SessionEnding EVICTED =
      onPurpose(Observer.Ending.EVICTED, EnumSet.of(LIVE), "nobody listens");

  /** Another bridge has it: who comes back is brought there. */
  static final SessionEnding MOVED =
      new SessionEnding(
          Observer.Ending.MOVED,
          WITH_CABLE,
          protocol -> protocol.moved(MOVED_RETRY_MILLIS),
          new Refusal(503, "another node has this session", 1, MOVED_RETRY_MILLIS),
          GOING_AWAY,
          "another node has the session",
          GONE);

  private static SessionEnding onPurpose(
      Observer.Ending kind, Set<SessionState> from, String closeReason) {
    return new SessionEnding(
        kind,
        from,
        protocol -> LastEvents.of(protocol.ended()),
        GONE_FOR_WAITING,
        NORMAL,
        closeReason,
        GONE);
  }

  /** The first dial came to nothing. */
  static SessionEnding dialFailed(CableEnding ending) {
    int retryAfter = ending.kind() == CableEnding.Kind.BUSY ? 1 : 0;
    return new SessionEnding(
        Observer.Ending.DIAL_FAILED,
        EnumSet.of(OPENING),
        null,
        new Refusal(ending.kind().status(), ending.error(), retryAfter),
        NORMAL,
        "the dial failed",
        GONE);
  }

  /** The server wants no more of it. */
  static SessionEnding cable(CableEnding ending) {
    return forGood(Observer.Ending.CABLE, protocol -> LastEvents.of(protocol.cableEnded(ending)));
  }

  /** The other side would miss something that it can't be spared. */
  static SessionEnding broken(Event last) {
    return forGood(Observer.Ending.BROKEN, protocol -> LastEvents.of(last));
  }

  private static SessionEnding forGood(
      Observer.Ending kind, Function<Protocol, LastEvents> lastEvents) {
    return new SessionEnding(
        kind,
        EnumSet.of(LIVE),
        lastEvents,
        GONE_FOR_WAITING,
        NORMAL,
        "the session has ended",
        ENDED);
  }

  /**
   * The bridge drains.
   *
   * @param retryMillis when listeners had best come back
   */
  static SessionEnding drain(Limits.Drain limits, long retryMillis) {
    return new SessionEnding(
        Observer.Ending.DRAIN,
        EnumSet.complementOf(EnumSet.of(NEW, GONE)),
        protocol -> protocol.drained(retryMillis),
        limits.refusal(retryMillis),
        GOING_AWAY,
        "the bridge is draining",
        GONE);
  }

  /** The bridge stops, or has waited for long enough. */
  static SessionEnding stop(Refusal ofWaiting) {
    return new SessionEnding(
        Observer.Ending.STOP,
        EnumSet.allOf(SessionState.class),
        null,
        ofWaiting,
        GOING_AWAY,
        "the bridge is stopping",
        GONE);
  }

  /**
   * Whether a session in that state hears of it some time before: the server does nothing for a
   * connection that has been closed, so what was sent by who hadn't heard the end would be lost.
   */
  boolean isForetold(SessionState state) {
    return kind == Observer.Ending.DRAIN && state == LIVE;
  }

  /** Whether the events-id can't be used again for a while. */
  boolean isForGood() {
    return next == ENDED;
  }
}
