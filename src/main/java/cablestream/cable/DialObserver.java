package cablestream.cable;

/** Hears of dials, to count them. Called inside mailboxes: it must not block. */
public interface DialObserver {
  /** What a session was opened by, and so whom its dials are for. */
  enum OpenedBy {
    STREAM,
    /** A long poll, or the POST of a client that polls. */
    POLL,
    /** A tunnel, whichever way it is listened to: its dial is over before the server's welcome. */
    TUNNEL
  }

  /**
   * A dial is over.
   *
   * @param openedBy what its session was
   * @param failure null where the server's welcome came
   * @param again whether the session had been welcomed before
   * @param nanoseconds it took
   */
  default void dialled(
      OpenedBy openedBy, CableEnding.Kind failure, boolean again, long nanoseconds) {}
}
