package cablestream.log;

/**
 * Where in the log a listener starts; protocol section 6.
 *
 * @param number the position it reads on from
 * @param greeted the position that its greeting names: a listener that breaks off between the
 *     greeting and the gap must hear of the gap again
 * @param resumed whether it came with a cursor and everything after that follows
 * @param missing whether events before it can't be replayed
 * @param dropped how many; null where that can't be known
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

  /** Nothing follows but the end. */
  public static ResumePoint atEndOf(EventLog log) {
    return new ResumePoint(log.end(), log.end(), false, false, null);
  }

  private static ResumePoint from(long number, boolean resumes, EventLog log) {
    return log.holdsAllAfter(number)
        ? new ResumePoint(number, number, resumes, false, null)
        : new ResumePoint(log.oldest(), number, false, true, log.oldest() - number);
  }
}
