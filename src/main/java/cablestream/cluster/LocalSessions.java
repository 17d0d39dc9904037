package cablestream.cluster;

/** The sessions of this node, as far as the others matter. Any thread. */
public interface LocalSessions {
  /** Whether this node has the session. */
  boolean isOpen(String session);

  /** Another node has claimed it: it ends here. */
  void moved(String session);

  /** Whether new ones are let in. */
  boolean isAccepting();

  /** Whether others had better send new ones here. */
  default boolean isReady() {
    return isAccepting();
  }
}
