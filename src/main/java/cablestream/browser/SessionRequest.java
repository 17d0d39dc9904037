package cablestream.browser;

/**
 * One request to a session.
 *
 * @param eventsId the session's path segment, checked
 * @param sessionId the session that commands or a farewell are for; null: the one that has the
 *     events-id
 * @param cursor the raw {@code Last-Event-ID}, or the query's; null for none
 * @param transport what it opens a session by, if it opens one
 * @param fallback of a tunnel; counted where it opens a session
 */
public record SessionRequest(
    String eventsId,
    String sessionId,
    Caller caller,
    Mode mode,
    String cursor,
    ClientTransport transport,
    Fallback fallback) {

  /** One by an EventSource that doesn't say why. */
  public SessionRequest(String eventsId, Caller caller, Mode mode, String cursor) {
    this(eventsId, null, caller, mode, cursor, ClientTransport.EVENTSOURCE, Fallback.UNKNOWN);
  }
}
