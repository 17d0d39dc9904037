package cablestream.http.relay;

import cablestream.cluster.LocalSessions;
import cablestream.session.SessionManager;
import java.util.function.BooleanSupplier;

/**
 * The sessions of this bridge, as other nodes know them.
 *
 * @param trials those without a server; null if there are none
 * @param warmingUp whether the process warms up
 */
public record ServedSessions(
    SessionManager sessions, SessionManager trials, BooleanSupplier warmingUp)
    implements LocalSessions {
  private static final String TRIAL = "trial/";

  /** The session's name among nodes; no events-id contains a slash. */
  public static String name(String eventsId, boolean isTrial) {
    return isTrial ? TRIAL + eventsId : eventsId;
  }

  @Override
  public boolean isOpen(String session) {
    return manager(session).isOpen(eventsId(session));
  }

  @Override
  public void moved(String session, Runnable misled) {
    manager(session).moved(eventsId(session), misled);
  }

  @Override
  public boolean isAccepting() {
    return sessions.isAccepting();
  }

  /** Nodes that start together are all warming up: then none needs to wait for the others. */
  @Override
  public boolean isReady() {
    return isAccepting() && !warmingUp.getAsBoolean();
  }

  /**
   * The manager of a session.
   *
   * @param isTrial whether it has no server
   */
  public SessionManager manager(boolean isTrial) {
    return isTrial ? trials : sessions;
  }

  private SessionManager manager(String session) {
    return manager(session.startsWith(TRIAL));
  }

  private static String eventsId(String session) {
    return session.substring(session.indexOf('/') + 1);
  }
}
