package cablestream.delivery;

import cablestream.log.EventLog;

/**
 * How far a session's events have been read, for who comes without a cursor. Positions are numbers
 * of events, 0 before the first. Inside the mailbox only.
 */
public final class ReadPositions {
  private final EventLog log;
  private final boolean manyListeners;

  /** After the last event that any listener has taken. */
  private long taken;

  /** After the last event whose write to any listener has completed. */
  private long written;

  /** After the last poll's answer; negative before the first. */
  private long polled = -1;

  /** Whether anybody has ever listened. */
  private boolean heard;

  /** Where the last listener stood when it left: what counts while nobody is attached. */
  private long left;

  ReadPositions(EventLog log, boolean manyListeners) {
    this.log = log;
    this.manyListeners = manyListeners;
  }

  /** Where a stream without a cursor begins. */
  public long ofStream() {
    return manyListeners ? log.end() : written;
  }

  /**
   * Where a poll without a cursor begins; older than the log's oldest position if events were lost.
   */
  public long ofPoll() {
    if (!manyListeners || !heard) {
      return written;
    }
    return polled < 0 ? log.end() : polled;
  }

  long taken() {
    return taken;
  }

  long left() {
    return left;
  }

  void heard() {
    heard = true;
  }

  void taken(long position) {
    taken = Math.max(taken, position);
  }

  void written(long position) {
    written = Math.max(written, position);
  }

  void polled(long position) {
    polled = position;
  }

  void left(long position) {
    left = position;
  }
}
