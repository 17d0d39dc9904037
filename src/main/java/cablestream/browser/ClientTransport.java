package cablestream.browser;

/** By what a client's events come to it. */
public enum ClientTransport {
  /** A GET for a stream, as of an EventSource. */
  EVENTSOURCE,
  /** A POST for a stream, which only a script with fetch sends. */
  FETCH,
  /** Long polls. */
  POLL
}
