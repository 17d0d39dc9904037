package cablestream.browser;

/**
 * One request to a session.
 *
 * @param eventsId the session's path segment, checked
 * @param sessionId the session that commands or a farewell address; null for the one with the
 *     events-id
 * @param cursor the raw {@code Last-Event-ID}, or the query's; null for none
 * @param transport the transport of the session that it may open
 * @param fallback a tunnel's reason; counted if it opens a session
 */
public record SessionRequest(
    String eventsId,
    String sessionId,
    Caller caller,
    Mode mode,
    String cursor,
    ClientTransport transport,
    Fallback fallback) {

  /** A request from an EventSource without a reason. */
  public SessionRequest(String eventsId, Caller caller, Mode mode, String cursor) {
    this(eventsId, null, caller, mode, cursor, ClientTransport.EVENTSOURCE, Fallback.UNKNOWN);
  }
}
