package cablestream.session;

import cablestream.concurrent.Alarm;
import cablestream.delivery.Listeners;
import cablestream.protocol.SessionContext;
import java.time.Duration;

/**
 * The time that a session lives on while nobody listens, and that it can still be heard after its
 * end. Inside the mailbox only.
 */
final class Linger {
  private final Alarm alarm;
  private final Duration unheard;
  private final Listeners listeners;
  private final Runnable over;

  /**
   * @param over nobody has come in time
   */
  Linger(SessionContext session, Listeners listeners, Runnable over) {
    alarm = session.alarm();
    unheard = session.limits().linger();
    this.listeners = listeners;
    this.over = over;
  }

  /** It begins where nobody listens, and goes on if it has begun already. */
  void unlessHeard(SessionState state) {
    if (state != SessionState.LIVE) {
      return;
    }
    if (!listeners.isEmpty()) {
      alarm.clear();
    } else if (!alarm.isSet()) {
      alarm.set(unheard.toMillis(), over);
    }
  }

  /** From its start: a poll that was answered at once has come and gone within it. */
  void again(SessionState state) {
    if (state == SessionState.LIVE) {
      alarm.clear();
      unlessHeard(state);
    }
  }

  /** Something else is awaited, for so long. */
  void set(long millis, Runnable then) {
    alarm.set(millis, then);
  }

  void clear() {
    alarm.clear();
  }
}
