package cablestream.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * A page's record of numbered messages. Announcements of possible losses separate stretches, and
 * within a stretch nothing may be missing. Rails' workers may reorder two messages, so their order
 * isn't checked. Thread-safe.
 */
final class Numbers {
  private final List<NavigableSet<Integer>> stretches = new ArrayList<>();
  private int repeated;

  /** The page was notified that something may be missing here. */
  synchronized void mayMiss() {
    stretches.add(new TreeSet<>());
  }

  synchronized void saw(int number) {
    boolean seenBefore = stretches.stream().anyMatch(stretch -> stretch.contains(number));
    repeated += seenBefore ? 1 : 0;
    stretches.get(stretches.size() - 1).add(number);
  }

  /** The highest number so far; 0 before the first. */
  synchronized int last() {
    return stretches.stream()
        .filter(it -> !it.isEmpty())
        .mapToInt(NavigableSet::last)
        .max()
        .orElse(0);
  }

  /** The number of messages missing without an announcement. */
  synchronized int missing() {
    return stretches.stream()
        .filter(stretch -> !stretch.isEmpty())
        .mapToInt(stretch -> stretch.last() - stretch.first() + 1 - stretch.size())
        .sum();
  }

  /** The number of repeated messages. */
  synchronized int repeated() {
    return repeated;
  }
}
