package cablestream.cluster;

/** The sessions of this node, as the other nodes need them. Any thread. */
public interface LocalSessions {
  /** Whether this node has the session. */
  boolean isOpen(String session);

  /**
   * Another node has claimed the session: it ends here.
   *
   * @param misled called, from any thread, after it has ended, if it carried out commands that
   *     didn't name it: its client may be listening to the other node's session, which hasn't
   *     received them
   */
  void moved(String session, Runnable misled);

  /** Whether new sessions are accepted. */
  boolean isAccepting();

  /** Whether other nodes should send new sessions here. */
  default boolean isReady() {
    return isAccepting();
  }
}
