package cablestream.session;

/** What a session tells its manager. */
interface SessionListener {
  /**
   * The session has no cable any more, so its place is free. Its events-id may be used again, or,
   * {@code forGood}, not for a while.
   */
  void left(Session session, boolean forGood);

  /**
   * A session that ended for good has nobody left, and would tell how it ended to whoever comes.
   *
   * @param missed whether somebody missed it who had been served before
   */
  void lingers(Session session, boolean missed);

  /** Nobody listens to a session that has left, and nobody will. */
  void forgotten(Session session);

  /** Nobody listens to the session, which goes on; {@link Session#giveWay} may end it. */
  void unheard(Session session);

  /** Somebody listens to the session again, or it doesn't go on. */
  void heard(Session session);

  /** A request found the session too late. */
  void requestAfterEnd(Request request);
}
