package cablestream.chaos;

import java.util.BitSet;

/** One confirmed subscription on one cable: what it was given, and what the client has of it. */
final class ClientLifetime {
  private final int number;
  private long sent;
  private boolean over;
  private boolean endedWithSession;

  /** The session that told the client of it; null while none has. */
  private String session;

  /** The highest number that the client has seen. */
  private long seen;

  /** Numbers below that were passed over without a licence. */
  private final BitSet missed = new BitSet();

  /** Numbers below that were passed over with a licence. */
  private final BitSet forgone = new BitSet();

  ClientLifetime(int number) {
    this.number = number;
  }

  /** The number of the message that is given to a socket now. */
  long give() {
    return ++sent;
  }

  long sent() {
    return sent;
  }

  /** Nothing more is given to a socket; whether that is new. */
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

  /** A number higher than all before is seen. */
  void see(String sessionId, long message, boolean licensed) {
    session = sessionId;
    (licensed ? forgone : missed).set((int) seen + 1, (int) message);
    seen = message;
  }

  /** A number that isn't higher is seen; whether it had been passed over. */
  boolean seeLate(long message) {
    boolean late = message > seen || missed.get((int) message) || forgone.get((int) message);
    missed.clear((int) message);
    forgone.clear((int) message);
    return late;
  }

  /**
   * The client is given again what follows a number.
   *
   * @return how many of those it had seen
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

  /** All that the client has not seen can't come any more, and has no licence. */
  void missTheRest() {
    missed.set((int) seen + 1, (int) sent + 1);
    seen = sent;
  }

  /** The client has gone on to the next life. */
  void leave(boolean withSession) {
    endedWithSession = withSession;
  }

  boolean endedWithSession() {
    return endedWithSession;
  }

  /** What was given to a socket after the last that was seen. */
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
