package cablestream.session;

import cablestream.browser.Digest;
import cablestream.browser.Fallback;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;

/**
 * The names and the origin of a session.
 *
 * @param eventsId the path segment that gives access; never logged
 * @param sessionId its id for clients, another one each time it is opened anew
 * @param hash its name in log lines and for operators; it gives no access
 * @param address the client address under which it is counted
 * @param mode its protocol
 * @param fallback why the page of a tunnel doesn't use a WebSocket; null unless it is a tunnel
 * @param openedAt its start, by {@code System.nanoTime}
 */
record SessionIdentity(
    String eventsId,
    String sessionId,
    String hash,
    String address,
    Mode mode,
    Fallback fallback,
    long openedAt) {

  static SessionIdentity of(SessionRequest opener, String sessionId, long nanoTime) {
    return new SessionIdentity(
        opener.eventsId(),
        sessionId,
        Digest.of(sessionId).hex(4),
        opener.caller().address(),
        opener.mode(),
        opener.mode() == Mode.TUNNEL ? opener.fallback() : null,
        nanoTime);
  }

  /** Whether a request is for this session: it names this one or none. */
  boolean isMeantBy(SessionRequest request) {
    return request.sessionId() == null || request.sessionId().equals(sessionId);
  }
}
