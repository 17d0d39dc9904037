package cablestream.bench;

import java.util.Locale;

/** Prints the present step and the expected duration of all. */
final class Progress {
  private final int steps;
  private final long start = System.nanoTime();
  private int done;
  private long stepStart;

  /**
   * @param steps the number of steps
   */
  Progress(int steps) {
    this.steps = steps;
  }

  /** Begins a step. */
  void begin(String what) {
    stepStart = System.nanoTime();
    System.out.printf(Locale.ROOT, "[%d/%d] %s … ", done + 1, steps, what);
    System.out.flush();
  }

  /** Prints something about the present step. */
  void say(String what) {
    System.out.println(what);
  }

  /** Ends the step. */
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
