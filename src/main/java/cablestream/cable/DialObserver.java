package cablestream.cable;

/** Receives the outcomes of dials, for counting. Called inside mailboxes: must not block. */
public interface DialObserver {
  /** The kind of request that opened a session, under which its dials are counted. */
  enum OpenedBy {
    STREAM,
    /** A long poll, or the POST of a client that polls. */
    POLL,
    /** A tunnel, over any transport: its dial ends before the server's welcome. */
    TUNNEL
  }

  /**
   * A dial has ended.
   *
   * @param openedBy the kind of request that opened its session
   * @param failure null for the server's welcome
   * @param again whether the session had been welcomed before
   * @param nanoseconds its duration
   */
  default void dialled(
      OpenedBy openedBy, CableEnding.Kind failure, boolean again, long nanoseconds) {}
}
