package cablestream.delivery;

import cablestream.browser.Listener;
import cablestream.log.Event;
import java.util.List;

/** Whose listeners they are: hears what changes, and is asked what only it knows. */
public interface ListenersOwner {
  /** A stream has gone, for whatever reason. */
  void streamLeft();

  /** Nobody is attached any more; replaced streams may still have to take their last event. */
  void lastListenerLeft();

  /** Those have gone too. */
  void allDetached();

  /** The {@code joined} event for those who were there before. */
  Event joinedAt(long position);

  /** A stalled listener is being cut. */
  void stalled(long milliseconds);

  /** The answer of a poll; protocol section 4. */
  Listener.PollAnswer pollAnswer(List<Event> events, Long dropped, int queueLength);
}
