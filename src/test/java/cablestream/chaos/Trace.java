package cablestream.chaos;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The latest operations of one session or, after a violation, those around the first. Thread-safe.
 */
final class Trace {
  private static final int MAX = Integer.getInteger("chaos.trace", 80);
  private static final int AFTERWARDS = 10;

  private final Deque<String> lines = new ArrayDeque<>(MAX);
  private final long started = System.nanoTime();

  /** The number of lines still to be recorded. */
  private int left = Integer.MAX_VALUE;

  synchronized void add(String line) {
    if (left == 0) {
      return;
    }
    left -= left == Integer.MAX_VALUE ? 0 : 1;
    if (lines.size() == MAX) {
      lines.removeFirst();
    }
    lines.addLast("%8d ms  %s".formatted((System.nanoTime() - started) / 1_000_000, line));
  }

  synchronized void violation(String line) {
    add("VIOLATION: " + line);
    left = Math.min(left, AFTERWARDS);
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }
}
