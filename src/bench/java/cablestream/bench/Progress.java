package cablestream.bench;

import java.util.Locale;

/** Says what is being done, and how long all of it may take. */
final class Progress {
  private final int steps;
  private final long start = System.nanoTime();
  private int done;
  private long stepStart;

  /**
   * @param steps how many there will be
   */
  Progress(int steps) {
    this.steps = steps;
  }

  /** A step begins. */
  void begin(String what) {
    stepStart = System.nanoTime();
    System.out.printf(Locale.ROOT, "[%d/%d] %s … ", done + 1, steps, what);
    System.out.flush();
  }

  /** Something to be known of the present step. */
  void say(String what) {
    System.out.println(what);
  }

  /** The step is done. */
  void end() {
    done++;
    double elapsed = seconds(start);
    System.out.printf(
        Locale.ROOT,
        "%.0f s (%.0f s so far, about %.0f s left)%n",
        seconds(stepStart),
        elapsed,
        elapsed / done * (steps - done));
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
