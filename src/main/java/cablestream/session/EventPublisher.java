package cablestream.session;

import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;

/**
 * The way of a session's events: numbered, encoded, put into its log, and from there to those who
 * listen. Inside the mailbox only.
 */
final class EventPublisher {
  private final EventEncoder encoder;
  private final EventLog log;
  private final Listeners listeners;
  private final Observer observer;

  EventPublisher(EventEncoder encoder, EventLog log, Listeners listeners, Observer observer) {
    this.encoder = encoder;
    this.log = log;
    this.listeners = listeners;
    this.observer = observer;
  }

  EventEncoder encoder() {
    return encoder;
  }

  /** The number of the event that is appended next. */
  long nextNumber() {
    return log.nextNumber();
  }

  void append(Event event) {
    log.append(event);
    observer.logged(event.length());
    listeners.appended();
  }
}
