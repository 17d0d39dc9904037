package cablestream.chaos;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts the faults that have happened, and decides whether more may. Thread-safe. */
final class Faults {
  private final Map<FaultKind, LongAdder> counts = new EnumMap<>(FaultKind.class);
  private final boolean nodesFail;
  private volatile boolean calm;
  private volatile int uprootings;

  Faults() {
    this(false);
  }

  /**
   * @param nodesFail whether nodes fail, so that a session may end at any time
   */
  Faults(boolean nodesFail) {
    this.nodesFail = nodesFail;
    for (FaultKind kind : FaultKind.values()) {
      counts.put(kind, new LongAdder());
    }
  }

  void happened(FaultKind kind) {
    counts.get(kind).increment();
  }

  /** Records that all sessions are about to be ended. */
  void uproot() {
    uprootings++;
  }

  /** How often all sessions have been ended. */
  int uprootings() {
    return uprootings;
  }

  /**
   * Whether a session may have been ended.
   *
   * @param before the number of {@link #uprootings} when it existed
   */
  boolean mayHaveUprooted(int before) {
    return nodesFail || before != uprootings;
  }

  /** From now on no further faults occur. */
  void calmDown() {
    calm = true;
  }

  boolean isCalm() {
    return calm;
  }

  long total() {
    return counts.values().stream().mapToLong(LongAdder::sum).sum();
  }

  long count(FaultKind kind) {
    return counts.get(kind).sum();
  }
}
