package cablestream.http.response;

import cablestream.concurrent.Timers;

/**
 * Finds out whether a client takes something of what is left of its answer. A stream that goes on
 * is its session's to watch.
 *
 * <p>Guarded by the gate of its {@link AsyncResponse}.
 */
final class StallWatch {
  private final Responses responses;
  private final Runnable judge;

  /** Null before it has begun. */
  private Timers.Timer timer;

  private long progressThen;

  /**
   * @param judge what asks {@link #isStalled} when the time is over
   */
  StallWatch(Responses responses, Runnable judge) {
    this.responses = responses;
    this.judge = judge;
  }

  void begin(long progress) {
    if (timer == null) {
      beginAnew(progress);
    }
  }

  /** Whether there was no progress since it has begun; otherwise it begins anew. */
  boolean isStalled(long progress) {
    if (progress == progressThen) {
      return true;
    }
    beginAnew(progress);
    return false;
  }

  void end() {
    if (timer != null) {
      timer.cancel();
    }
  }

  private void beginAnew(long progress) {
    progressThen = progress;
    timer = responses.afterStall(judge);
  }
}
