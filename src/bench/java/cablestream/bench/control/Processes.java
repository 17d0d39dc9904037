package cablestream.bench.control;

import java.util.concurrent.TimeUnit;

/** Ends processes that were started here. */
public final class Processes {
  private Processes() {}

  /**
   * Waits for the end of a process that has been asked to end, and kills it if that takes longer.
   *
   * @return false if it had to be killed
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
