package cablestream.bench.load;

import java.util.BitSet;

/**
 * Checks that messages numbered from 1 come once each and in order. A message that is overtaken and
 * comes later is swapped; one that comes again is repeated; one that never comes is lost.
 */
final class Sequence {
  private long next = 1;
  private long repeated;
  private long swapped;

  /** Numbers below {@link #next} that haven't come; null as long as there was none. */
  private BitSet missing;

  /** A message has come. */
  void observe(long number) {
    if (number == next) {
      next++;
    } else if (number > next) {
      miss(number);
    } else if (missing != null && missing.get((int) number)) {
      missing.clear((int) number);
      swapped++;
    } else {
      repeated++;
    }
  }

  private void miss(long number) {
    if (missing == null) {
      missing = new BitSet();
    }
    missing.set((int) next, (int) number);
    next = number + 1;
  }

  /** How many different messages have come. */
  long received() {
    return next - 1 - missing();
  }

  /** How many of so many that were sent haven't come. */
  long lost(long sent) {
    return Math.max(0, sent - (next - 1)) + missing();
  }

  long repeated() {
    return repeated;
  }

  long swapped() {
    return swapped;
  }

  private int missing() {
    return missing == null ? 0 : missing.cardinality();
  }
}
