package cablestream.chaos;

import java.util.BitSet;

/** One confirmed subscription on one cable: what was sent to it, and what its client received. */
final class ClientLifetime {
  private final int number;
  private long sent;
  private boolean over;
  private boolean endedWithSession;

  /** The session from which the client learnt of it; null while it hasn't. */
  private String session;

  /** The highest number that the client has received. */
  private long seen;

  /** Lower numbers that were skipped without permission. */
  private final BitSet missed = new BitSet();

  /** Lower numbers that were skipped with permission. */
  private final BitSet forgone = new BitSet();

  ClientLifetime(int number) {
    this.number = number;
  }

  /** Returns the number of the message that is written to a socket now. */
  long give() {
    return ++sent;
  }

  long sent() {
    return sent;
  }

  /** Nothing more is written to a socket; returns whether that is new. */
  boolean end() {
    boolean ends = !over;
    over = true;
    return ends;
  }

  boolean isOver() {
    return over;
  }

  long seen() {
    return seen;
  }

  boolean isOf(String sessionId) {
    return sessionId.equals(session);
  }

  /** A number higher than all before was received. */
  void see(String sessionId, long message, boolean licensed) {
    session = sessionId;
    (licensed ? forgone : missed).set((int) seen + 1, (int) message);
    seen = message;
  }

  /** A number that isn't higher was received; returns whether it had been skipped. */
  boolean seeLate(long message) {
    boolean late = message > seen || missed.get((int) message) || forgone.get((int) message);
    missed.clear((int) message);
    forgone.clear((int) message);
    return late;
  }

  /**
   * The client is sent everything after a number once more.
   *
   * @return how many of those messages it had received
   */
  long rewind(long message) {
    int from = (int) message + 1;
    int to = (int) seen + 1;
    long again =
        Math.max(0, to - from)
            - missed.get(from, Math.max(from, to)).cardinality()
            - forgone.get(from, Math.max(from, to)).cardinality();
    forgone.clear(from, Math.max(from, to));
    seen = Math.min(seen, message);
    return again;
  }

  /** What the client has not received can't arrive any more, and is missing without permission. */
  void missTheRest() {
    missed.set((int) seen + 1, (int) sent + 1);
    seen = sent;
  }

  /** The client has proceeded to the next life. */
  void leave(boolean withSession) {
    endedWithSession = withSession;
  }

  boolean endedWithSession() {
    return endedWithSession;
  }

  /** The number of messages written to a socket after the last one that was received. */
  long unseen() {
    return sent - seen;
  }

  long missed() {
    return missed.cardinality();
  }

  long forgone() {
    return forgone.cardinality();
  }

  @Override
  public String toString() {
    return "life %d%s, of whose %d messages %d are seen"
        .formatted(number, over ? " (over)" : "", sent, seen);
  }
}
