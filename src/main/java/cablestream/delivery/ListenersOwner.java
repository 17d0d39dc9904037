package cablestream.delivery;

import cablestream.browser.Listener;
import cablestream.log.Event;
import java.util.List;

/** The owner of the listeners: it is notified of changes, and provides what only it knows. */
public interface ListenersOwner {
  /** A stream has ended, for any reason. */
  void streamLeft();

  /** No listener is attached any more; replaced streams may still await their last event. */
  void lastListenerLeft();

  /** The replaced streams have ended as well. */
  void allDetached();

  /** The last event of a stream that another listener replaces. */
  Event replaced();

  /** The {@code joined} event for streams that were attached before. */
  Event joinedAt(long position);

  /** A stalled listener is being disconnected. */
  void stalled(long milliseconds);

  /** The answer of a poll; protocol section 4. */
  Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength);
}
