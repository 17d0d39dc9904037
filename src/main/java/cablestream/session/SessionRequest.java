package cablestream.session;

/**
 * One request to a session.
 *
 * @param eventsId the session's path segment, checked
 * @param cursor the raw {@code Last-Event-ID}, or the query's; null for none
 */
public record SessionRequest(String eventsId, Caller caller, Mode mode, String cursor) {}
