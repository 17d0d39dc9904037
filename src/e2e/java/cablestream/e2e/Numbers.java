package cablestream.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What a page saw of messages that are numbered. Between two announcements that something may be
 * missing lies a stretch, and within a stretch nothing may be. Rails' workers may swap two
 * messages, so their order isn't looked at. Any thread.
 */
final class Numbers {
  private final List<NavigableSet<Integer>> stretches = new ArrayList<>();
  private int repeated;

  /** The page was told that something may be missing here. */
  synchronized void mayMiss() {
    stretches.add(new TreeSet<>());
  }

  synchronized void saw(int number) {
    boolean seenBefore = stretches.stream().anyMatch(stretch -> stretch.contains(number));
    repeated += seenBefore ? 1 : 0;
    stretches.get(stretches.size() - 1).add(number);
  }

  /** The highest so far; 0 before the first. */
  synchronized int last() {
    return stretches.stream()
        .filter(it -> !it.isEmpty())
        .mapToInt(NavigableSet::last)
        .max()
        .orElse(0);
  }

  /** How many are missing without an announcement. */
  synchronized int missing() {
    return stretches.stream()
        .filter(stretch -> !stretch.isEmpty())
        .mapToInt(stretch -> stretch.last() - stretch.first() + 1 - stretch.size())
        .sum();
  }

  /** How many came again. */
  synchronized int repeated() {
    return repeated;
  }
}
