package cablestream.session;

/** Is notified when sessions open and end. */
public interface PresenceListener {
  /** Ignores all notifications. */
  PresenceListener NONE =
      new PresenceListener() {
        @Override
        public void opened(String eventsId) {}

        @Override
        public void left(String eventsId, boolean forGood) {}
      };

  /** The session can be found from now on. Called from inside its mailbox: must not block. */
  void opened(String eventsId);

  /**
   * The session can't be found any more. Called from inside its mailbox: must not block.
   *
   * @param forGood whether its events-id can't be used again for a while
   */
  void left(String eventsId, boolean forGood);
}
