package cablestream.browser;

import cablestream.log.LastEventId;

/**
 * One request to a session.
 *
 * @param eventsId the session's path segment, checked
 * @param cursor the raw {@code Last-Event-ID}, or the query's; null for none
 * @param transport what it opens a session by, if it opens one
 * @param fallback of a tunnel; counted where it opens a session
 */
public record SessionRequest(
    String eventsId,
    Caller caller,
    Mode mode,
    String cursor,
    ClientTransport transport,
    Fallback fallback) {

  /** One by an EventSource that doesn't say why. */
  public SessionRequest(String eventsId, Caller caller, Mode mode, String cursor) {
    this(eventsId, caller, mode, cursor, ClientTransport.EVENTSOURCE, Fallback.UNKNOWN);
  }

  /**
   * Whether no session could serve it: a tunnel that goes on as a WebSocket would can't begin in
   * the middle. Whoever asks for that is told the end, and nothing is dialled.
   */
  public boolean isHopeless() {
    if (mode != Mode.TUNNEL) {
      return false;
    }
    LastEventId lastEventId = LastEventId.parse(cursor);
    return lastEventId != null && !lastEventId.isBeginning();
  }
}
