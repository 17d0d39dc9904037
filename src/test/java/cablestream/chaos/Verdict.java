package cablestream.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of the events or of the commands of one session, or of many together.
 *
 * @param counts of what happened at all
 * @param violations the first of them, in words
 */
record Verdict<F extends Enum<F> & Verdict.Fate>(Map<F, Long> counts, List<String> violations) {
  /** What may become of an event or a command. */
  interface Fate {
    /** In a report. */
    String label();

    /** Whether it must never happen. */
    boolean isFault();
  }

  Verdict {
    counts = new TreeMap<>(counts);
    counts.values().removeIf(count -> count == 0);
  }

  static <F extends Enum<F> & Fate> Verdict<F> nothing() {
    return new Verdict<F>(Map.of(), List.of());
  }

  @SafeVarargs
  final long count(F... fates) {
    long sum = 0;
    for (F fate : fates) {
      sum += counts.getOrDefault(fate, 0L);
    }
    return sum;
  }

  boolean isClean() {
    return counts.keySet().stream().noneMatch(Fate::isFault);
  }

  Verdict<F> plus(Verdict<F> other) {
    Map<F, Long> sums = new TreeMap<>(counts);
    other.counts.forEach((fate, count) -> sums.merge(fate, count, Long::sum));
    List<String> both = new ArrayList<>(violations);
    both.addAll(other.violations);
    return new Verdict<>(sums, both);
  }
}
