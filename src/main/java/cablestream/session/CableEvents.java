package cablestream.session;

import cablestream.cable.Cable;
import cablestream.cable.CableEnding;
import cablestream.environment.Observer;

/**
 * What a session's cable tells: to the session what changes its state, all else to the protocol
 * that it speaks. After each frame the next one is asked for, if there is room. Inside the mailbox
 * only.
 */
final class CableEvents implements Cable.Owner {
  private final Session session;
  private final SessionIdentity identity;
  private final Observer observer;
  private final RateLimitedLog rateLimitedLog;

  CableEvents(
      Session session, SessionIdentity identity, Observer observer, RateLimitedLog rateLimitedLog) {
    this.session = session;
    this.identity = identity;
    this.observer = observer;
    this.rateLimitedLog = rateLimitedLog;
  }

  @Override
  public void welcomed(boolean again) {
    session.welcomed(again);
  }

  @Override
  public void confirmed(String identifier) {
    session.protocol().confirmed(identifier);
    session.demandIfRoom();
  }

  @Override
  public void rejected(String identifier) {
    session.protocol().rejected(identifier);
    session.demandIfRoom();
  }

  @Override
  public void received(String identifier, byte[] frame, int from, int to) {
    session.protocol().received(identifier, frame, from, to);
    session.demandIfRoom();
  }

  @Override
  public void frame(byte[] text) {
    session.protocol().frame(text);
    session.demandIfRoom();
  }

  @Override
  public void unreadable(String why) {
    rateLimitedLog.tell(RateLimitedLog.Kind.FRAME_DROPPED, identity.hash(), why);
    session.protocol().unreadable(why);
    session.demandIfRoom();
  }

  @Override
  public void dropped(String reason) {
    rateLimitedLog.tell(RateLimitedLog.Kind.CABLE_LOST, identity.hash(), reason);
    observer.cableLost(reason);
    session.protocol().dropped(reason);
  }

  @Override
  public void ended(CableEnding ending) {
    session.cableEnded(ending);
  }
}
