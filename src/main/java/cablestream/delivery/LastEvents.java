package cablestream.delivery;

import cablestream.log.Event;

/** The last event that a session's listeners receive. */
public record LastEvents(OfStream ofStreams, Event ofPolls) {
  /**
   * The end of a stream.
   *
   * @param event null for only a delay before reconnecting
   * @param retryMillis the delay after the end of the stream, if there is no event
   */
  public record OfStream(Event event, long retryMillis) {
    static OfStream of(Event event) {
      return new OfStream(event, 0);
    }
  }

  /** The same event for all listeners. */
  public static LastEvents of(Event event) {
    return new LastEvents(OfStream.of(event), event);
  }

  /** A delay for streams, which reconnect by themselves, and an event for polls. */
  public static LastEvents comeBack(long retryMillis, Event ofPolls) {
    return new LastEvents(new OfStream(null, retryMillis), ofPolls);
  }
}
