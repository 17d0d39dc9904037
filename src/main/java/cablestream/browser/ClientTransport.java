package cablestream.browser;

/** How a client receives its events. */
public enum ClientTransport {
  /** A stream requested by GET, as an EventSource does. */
  EVENTSOURCE,
  /** A stream requested by POST, which only a script with fetch does. */
  FETCH,
  /** Long polls. */
  POLL;

  public boolean isStream() {
    return this != POLL;
  }
}
