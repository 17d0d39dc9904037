package cablestream.delivery;

import cablestream.environment.Observer;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import cablestream.log.EventLog;

/**
 * The way of a session's events: numbered, encoded, put into its log, and from there to those who
 * listen. Inside the mailbox only.
 */
public final class EventPublisher {
  private final EventEncoder encoder;
  private final EventLog log;
  private final Listeners listeners;
  private final Observer observer;

  public EventPublisher(
      EventEncoder encoder, EventLog log, Listeners listeners, Observer observer) {
    this.encoder = encoder;
    this.log = log;
    this.listeners = listeners;
    this.observer = observer;
  }

  public EventEncoder encoder() {
    return encoder;
  }

  /** The number of the event that is appended next. */
  public long nextNumber() {
    return log.nextNumber();
  }

  public void append(Event event) {
    log.append(event);
    observer.logged(event.length());
    listeners.appended();
  }
}
