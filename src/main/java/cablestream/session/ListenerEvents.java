package cablestream.session;

import cablestream.log.Event;
import cablestream.log.EventEncoder;
import java.util.List;

/**
 * What a session's listeners tell it: what changes its state goes to the session, and what they ask
 * for is answered here. Inside the mailbox only.
 */
final class ListenerEvents {
  private final Session session;
  private final SessionIdentity identity;
  private final EventEncoder encoder;
  private final Observer observer;
  private final RateLimitedLog rateLimitedLog;

  ListenerEvents(
      Session session,
      SessionIdentity identity,
      EventEncoder encoder,
      Observer observer,
      RateLimitedLog rateLimitedLog) {
    this.session = session;
    this.identity = identity;
    this.encoder = encoder;
    this.observer = observer;
    this.rateLimitedLog = rateLimitedLog;
  }

  /** The slowest cursor has moved, so there may be room in the log. */
  void cursorsMoved() {
    session.demandIfRoom();
  }

  /** Nobody is attached any more; replaced streams may still have to take their last event. */
  void lastListenerLeft() {
    session.lastListenerLeft();
  }

  /** Those have gone too. */
  void deserted() {
    session.deserted();
  }

  /** The {@code joined} event for those who were there before. */
  byte[] joinedAt(long position) {
    return encoder.joined(position, identity.eventsId(), null).bytes();
  }

  /** A stalled listener is being cut. */
  void stalled(long milliseconds) {
    rateLimitedLog.tell(
        RateLimitedLog.Kind.LISTENER_STALLED,
        identity.hash(),
        "took nothing for " + milliseconds + " ms");
    observer.stalled();
  }

  /** The answer of a poll. */
  Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength) {
    return new Listener.PollAnswer(
        identity.sessionId(), events, dropped, queueLength, session.protocol().channels());
  }
}
