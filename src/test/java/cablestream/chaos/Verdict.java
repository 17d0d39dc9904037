package cablestream.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The outcomes of the events or commands of one session, or of several together.
 *
 * @param counts by outcome
 * @param violations descriptions of the first ones
 */
record Verdict<F extends Enum<F> & Verdict.Fate>(Map<F, Long> counts, List<String> violations) {
  /** A possible outcome of an event or a command. */
  interface Fate {
    /** Its name in a report. */
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
