package cablestream.session;

import cablestream.browser.CommandBatch;
import cablestream.browser.CommandReply;
import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.browser.SessionRequest;
import cablestream.environment.Observer.OpenedBy;
import cablestream.environment.SessionWeights;
import cablestream.protocol.Protocols;
import java.time.Duration;

/** A request to a session that may have to wait for the dial. */
sealed interface Request {
  SessionRequest sessionRequest();

  /** What the session's dials are counted as, if the request opens one. */
  default OpenedBy openedBy() {
    return Protocols.openedBy(
        sessionRequest().mode(), this instanceof Stream ? OpenedBy.STREAM : OpenedBy.POLL);
  }

  /** Whether it opens the session if there is none. */
  boolean opens();

  /** Refuses the request; nothing follows. */
  void refuse(Refusal refusal);

  /** See {@link Listener#isClosedByPeer}. */
  boolean isClosedByPeer();

  /** The refusal if the events-id has ended permanently. */
  default Refusal ofEnded() {
    return new Refusal(410, "this session has ended for good");
  }

  /** Its size while it waits, in bytes. */
  default long size() {
    return SessionWeights.REQUEST + sessionRequest().caller().dial().size();
  }

  /**
   * GET or POST with {@code Accept: text/event-stream}.
   *
   * @param pingSeconds 1 to 60: the interval of {@code ping} events; 0 for comment lines instead
   */
  record Stream(SessionRequest sessionRequest, int pingSeconds, Listener.Stream listener)
      implements Request {
    @Override
    public boolean opens() {
      return true;
    }

    @Override
    public void refuse(Refusal refusal) {
      listener.refusedOrPostponed(refusal, sessionRequest.mode());
    }

    @Override
    public boolean isClosedByPeer() {
      return listener.isClosedByPeer();
    }

    /** 204 makes an EventSource stop. */
    @Override
    public Refusal ofEnded() {
      return new Refusal(204, null);
    }
  }

  /**
   * A long poll.
   *
   * @param max the largest number of events in the answer, 1 or more
   * @param timeout zero answers at once
   */
  record Poll(SessionRequest sessionRequest, int max, Duration timeout, Listener.Poll listener)
      implements Request {
    @Override
    public boolean opens() {
      return true;
    }

    @Override
    public void refuse(Refusal refusal) {
      listener.refused(refusal);
    }

    @Override
    public boolean isClosedByPeer() {
      return listener.isClosedByPeer();
    }
  }

  /** A POST with commands. */
  record Post(SessionRequest sessionRequest, CommandBatch batch, boolean opens, CommandReply reply)
      implements Request {
    @Override
    public void refuse(Refusal refusal) {
      reply.refused(refusal);
    }

    @Override
    public boolean isClosedByPeer() {
      return reply.isClosedByPeer();
    }

    @Override
    public long size() {
      return Request.super.size() + batch.size();
    }
  }
}
