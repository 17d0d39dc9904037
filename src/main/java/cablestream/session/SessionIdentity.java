package cablestream.session;

import cablestream.browser.Digest;
import cablestream.browser.Fallback;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;

/**
 * What a session is called, and by whom.
 *
 * @param eventsId the path segment that lets its owner in; in no log line
 * @param sessionId what clients are told of it: another one each time that it is opened anew
 * @param address the client address that it is counted for
 * @param mode what it speaks
 * @param fallback why its page doesn't use a WebSocket; of a tunnel
 * @param openedAt when, by {@code System.nanoTime}
 */
record SessionIdentity(
    String eventsId,
    String sessionId,
    String address,
    Mode mode,
    Fallback fallback,
    long openedAt) {

  static SessionIdentity of(SessionRequest opener, String sessionId, long nanoTime) {
    return new SessionIdentity(
        opener.eventsId(),
        sessionId,
        opener.caller().address(),
        opener.mode(),
        opener.fallback(),
        nanoTime);
  }

  /** Whether a request is for this session: it names it, or none. */
  boolean isMeantBy(SessionRequest request) {
    return request.sessionId() == null || request.sessionId().equals(sessionId);
  }

  /** What log lines and operators name it by. */
  String hash() {
    return Digest.of(sessionId).hex(4);
  }
}
