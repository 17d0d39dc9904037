package cablestream.delivery;

import cablestream.log.Event;

/** What those who listen to a session hear last. */
public record LastEvents(OfStream ofStreams, Event ofPolls) {
  /**
   * Of a stream.
   *
   * @param event null: none, but when to come back
   * @param retryMillis how long after its end, where there is no event
   */
  public record OfStream(Event event, long retryMillis) {
    static OfStream of(Event event) {
      return new OfStream(event, 0);
    }
  }

  /** The same for all. */
  public static LastEvents of(Event event) {
    return new LastEvents(OfStream.of(event), event);
  }

  /** Streams, which come back by themselves, are told when; polls get an event. */
  public static LastEvents comeBack(long retryMillis, Event ofPolls) {
    return new LastEvents(new OfStream(null, retryMillis), ofPolls);
  }
}
