package cablestream.session;

/** Hears of sessions that come and go. */
public interface PresenceListener {
  /** Nobody hears of it. */
  PresenceListener NOBODY =
      new PresenceListener() {
        @Override
        public void opened(String eventsId) {}

        @Override
        public void left(String eventsId, boolean forGood) {}
      };

  /** It can be found from now on. Called from inside its mailbox: it mustn't block. */
  void opened(String eventsId);

  /**
   * It can't be found any more. Called from inside its mailbox: it mustn't block.
   *
   * @param forGood whether its events-id mustn't be used again for a while
   */
  void left(String eventsId, boolean forGood);
}
