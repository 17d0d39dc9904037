package cablestream.bench.control;

import java.util.concurrent.TimeUnit;

/** The end of processes that were started here. */
public final class Processes {
  private Processes() {}

  /**
   * Waits for a process that has been told to end, and ends it by force where that takes longer.
   *
   * @return false if it had to be forced
   */
  public static boolean awaitEnd(Process process, long seconds) {
    boolean ended = false;
    try {
      ended = process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
    }
    return ended;
  }
}
