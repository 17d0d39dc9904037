package cablestream.session;

/** Hears of sessions that are over. */
public interface DepartureListener {
  /**
   * It can't be found any more. Called from inside its mailbox: it mustn't block.
   *
   * @param forGood whether its events-id mustn't be used again for a while
   */
  void left(String eventsId, boolean forGood);
}
