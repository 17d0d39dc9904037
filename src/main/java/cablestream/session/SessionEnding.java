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
 * Why a session ends, and what follows: defined here, and carried out by {@link Session#end}.
 *
 * <pre>
 *  why          from                    last event           waiting requests  then
 *  CLIENT       OPENING, LIVE, LEAVING  "ended"              410               GONE
 *  OPERATOR     OPENING, LIVE, LEAVING  "ended"              410               GONE
 *  LINGER       OPENING, LIVE           no listeners         410               GONE
 *  EVICTED      LIVE                    no listeners         none              GONE
 *  MOVED        OPENING, LIVE, LEAVING  when to reconnect    503               GONE
 *  DIAL_FAILED  OPENING                 no listeners         the failure       GONE
 *  CABLE        LIVE                    the server's reason  none              ENDED
 *  BROKEN       LIVE                    what is missing      none              ENDED
 *  DRAIN        all but NEW, GONE       when to reconnect    503               LEAVING first, GONE
 *  STOP         all                     none: disconnected   503               GONE
 * </pre>
 *
 * An events-id may be used again at once, except after ENDED, which is kept for clients that
 * haven't received the last event yet.
 *
 * @param kind the label under which it is counted
 * @param from the states in which it has an effect
 * @param lastEvents the listeners' last event, by protocol; null to disconnect them
 * @param ofWaiting the refusal of requests that wait for the dial
 * @param closeCode the code to close the cable with, if it is open
 * @param closeReason the reason to close the cable with
 * @param next the session's next state
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

  /** An operator closed it. */
  static final SessionEnding OPERATOR =
      onPurpose(Observer.Ending.OPERATOR, WITH_CABLE, "an operator ended the session");

  /** It had no listeners for the linger time, or its clients left before its first dial. */
  static final SessionEnding LINGER =
      onPurpose(Observer.Ending.LINGER, EnumSet.of(OPENING, LIVE), "no listeners");

  /** It has no listeners, and others need its room. */
  static final SessionEnding EVICTED =
      onPurpose(Observer.Ending.EVICTED, EnumSet.of(LIVE), "no listeners");

  /** Another node has it: a client that reconnects is relayed there. */
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

  /** The first dial failed. */
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

  /** The server ended it. */
  static SessionEnding cable(CableEnding ending) {
    return forGood(Observer.Ending.CABLE, protocol -> LastEvents.of(protocol.cableEnded(ending)));
  }

  /** The client would miss data that it requires. */
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
   * @param retryMillis the best delay before listeners reconnect
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

  /** The bridge stops, or has reached the drain's time limit. */
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
   * Whether a session in that state announces the end before it closes the cable: the server
   * ignores commands on a closed connection, so those sent before the announcement arrived would be
   * lost.
   */
  boolean isAnnouncedFirst(SessionState state) {
    return kind == Observer.Ending.DRAIN && state == LIVE;
  }

  /** Whether the events-id can't be used again for a while. */
  boolean isForGood() {
    return next == ENDED;
  }
}
