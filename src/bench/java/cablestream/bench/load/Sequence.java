package cablestream.bench.load;

import java.util.BitSet;

/**
 * Checks that messages numbered from 1 arrive once each and in order. A message that arrives after
 * a later one is reordered; one that arrives again is repeated; one that never arrives is lost.
 */
final class Sequence {
  private long next = 1;
  private long repeated;
  private long swapped;

  /** Numbers below {@link #next} that haven't arrived; null while there were none. */
  private BitSet missing;

  /** A message has arrived. */
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

  /** The number of different messages that have arrived. */
  long received() {
    return next - 1 - missing();
  }

  /** The number of messages sent that haven't arrived. */
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
