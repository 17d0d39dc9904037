package cablestream.session;

/** A session's notifications to its manager. */
interface SessionListener {
  /**
   * The session has no cable any more, so its place is free. Its events-id may be used again at
   * once or, {@code forGood}, not for a while.
   */
  void left(Session session, boolean forGood);

  /**
   * A session that has ended permanently has no listeners, and can still answer clients that come
   * late.
   *
   * @param missed whether a client that was served before missed the end
   */
  void lingers(Session session, boolean missed);

  /** A session that has left has no listeners, and gets no others. */
  void forgotten(Session session);

  /** The session has no listeners and continues; {@link Session#giveWay} may end it. */
  void detached(Session session);

  /** The session has listeners again, or has ended. */
  void notDetached(Session session);

  /** A request reached the session after its end. */
  void requestAfterEnd(Request request);
}
