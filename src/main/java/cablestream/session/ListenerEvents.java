package cablestream.session;

import cablestream.browser.Listener;
import cablestream.delivery.ListenersOwner;
import cablestream.environment.Observer;
import cablestream.log.Event;
import cablestream.log.EventEncoder;
import java.util.List;

/**
 * What a session's listeners tell it: what changes its state goes to the session, and what they ask
 * for is answered here. Inside the mailbox only.
 */
final class ListenerEvents implements ListenersOwner {
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

  @Override
  public void cursorsMoved() {
    session.demandIfRoom();
  }

  @Override
  public void lastListenerLeft() {
    session.lastListenerLeft();
  }

  @Override
  public void deserted() {
    session.deserted();
  }

  @Override
  public Event joinedAt(long position) {
    return encoder.joined(position, identity.eventsId(), null);
  }

  @Override
  public void stalled(long milliseconds) {
    rateLimitedLog.tell(
        RateLimitedLog.Kind.LISTENER_STALLED,
        identity.hash(),
        "took nothing for " + milliseconds + " ms");
    observer.stalled();
  }

  @Override
  public Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength) {
    return new Listener.PollAnswer(
        identity.sessionId(), events, dropped, queueLength, session.protocol().channels());
  }
}
