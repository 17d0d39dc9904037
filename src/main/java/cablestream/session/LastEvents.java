package cablestream.session;

import cablestream.log.Event;

/**
 * What those who listen to a session hear last.
 *
 * @param ofStreams which may be no event, but the line that says when to come back
 */
record LastEvents(byte[] ofStreams, Event ofPolls) {
  /** The same for all. */
  static LastEvents of(Event event) {
    return new LastEvents(event.bytes(), event);
  }
}
