package cablestream.cluster;

/** The sessions of this node, as far as the others matter. Any thread. */
public interface LocalSessions {
  /** Whether this node has the session. */
  boolean isOpen(String session);

  /**
   * Another node has claimed it: it ends here.
   *
   * @param misled called, from any thread, after it has ended, if it carried out commands that
   *     didn't name it: its client may be listening to the other node's session, which hasn't heard
   *     of them
   */
  void moved(String session, Runnable misled);

  /** Whether new ones are let in. */
  boolean isAccepting();

  /** Whether others had better send new ones here. */
  default boolean isReady() {
    return isAccepting();
  }
}
