package cablestream.log;

/**
 * The position in the log at which a listener starts; protocol section 6.
 *
 * @param number the position after which it reads
 * @param greeted the position in its greeting: a listener that disconnects between the greeting and
 *     the gap must receive the gap again
 * @param resumed whether it has a cursor and every event after that follows
 * @param missing whether earlier events can't be replayed
 * @param dropped how many; null if unknown
 */
public record ResumePoint(
    long number, long greeted, boolean resumed, boolean missing, Long dropped) {
  /**
   * @param cursor null for none
   * @param opens whether this listener opens the session
   * @param continuation where it starts without a cursor
   */
  public static ResumePoint of(
      LastEventId cursor, boolean opens, long continuation, String sessionId, EventLog log) {
    if (cursor == null) {
      return from(continuation, false, log);
    }
    boolean ours = cursor.isBeginning() || sessionId.equals(cursor.sessionId());
    if (ours && cursor.number() <= log.end()) {
      return from(cursor.number(), !opens, log);
    }
    return new ResumePoint(log.oldest(), log.oldest(), false, true, null);
  }

  /** A listener that receives only the last event. */
  public static ResumePoint atEndOf(EventLog log) {
    return new ResumePoint(log.end(), log.end(), false, false, null);
  }

  private static ResumePoint from(long number, boolean resumes, EventLog log) {
    return log.holdsAllAfter(number)
        ? new ResumePoint(number, number, resumes, false, null)
        : new ResumePoint(log.oldest(), number, false, true, log.oldest() - number);
  }
}
