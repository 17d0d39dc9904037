package cablestream.chaos;

import java.util.Random;

/**
 * The planned fault of one connection.
 *
 * @param kind null for none
 * @param after the number of bytes from the bridge or the server that pass before it (for a {@code
 *     REQUEST_LOST}: towards it)
 * @param millis how long it is stalled, silent or half-closed
 * @param jitter whether its bytes are split and delayed
 */
record FaultPlan(FaultKind kind, long after, int millis, boolean jitter) {
  static final FaultPlan NONE = new FaultPlan(null, 0, 0, false);

  /** Plans the fault of each connection, from one seed. */
  interface Planner {
    FaultPlan next(Random random);
  }

  /**
   * A stream of events.
   *
   * @param meanBytes the average number of bytes before a fault
   */
  static Planner streams(int meanBytes) {
    return random -> {
      FaultKind kind =
          pick(
              random,
              FaultKind.RESET,
              FaultKind.RESET,
              FaultKind.CUT_IN_CHARACTER,
              FaultKind.CUT_IN_CHARACTER,
              FaultKind.HALF_CLOSED,
              FaultKind.HALF_CLOSED_BACK,
              FaultKind.STALLED,
              FaultKind.SILENT);
      return new FaultPlan(kind, spread(random, meanBytes), millis(random), random.nextInt(3) == 0);
    };
  }

  /** Requests with one response each, a share of which has a fault. */
  static Planner exchanges(double share) {
    return random -> {
      boolean jitter = random.nextInt(4) == 0;
      if (random.nextDouble() >= share) {
        return new FaultPlan(null, 0, 0, jitter);
      }
      FaultKind kind =
          pick(
              random,
              FaultKind.ANSWER_LOST,
              FaultKind.ANSWER_LOST,
              FaultKind.RESET,
              FaultKind.CUT_IN_CHARACTER,
              FaultKind.HALF_CLOSED,
              FaultKind.REQUEST_LOST,
              FaultKind.SILENT,
              FaultKind.STALLED);
      int within = kind == FaultKind.ANSWER_LOST ? 1 : 600;
      return new FaultPlan(kind, random.nextInt(within), millis(random) / 4, jitter);
    };
  }

  /** A cable. */
  static Planner cables(int meanBytes) {
    return random -> {
      FaultKind kind =
          pick(
              random,
              FaultKind.RESET,
              FaultKind.CUT_IN_CHARACTER,
              FaultKind.HALF_CLOSED,
              FaultKind.STALLED,
              FaultKind.SILENT);
      return new FaultPlan(kind, spread(random, meanBytes), millis(random), random.nextInt(4) == 0);
    };
  }

  private static FaultKind pick(Random random, FaultKind... kinds) {
    return kinds[random.nextInt(kinds.length)];
  }

  /** Exponentially distributed, as if each byte had the same risk. */
  private static long spread(Random random, int mean) {
    return (long) (-Math.log(1 - random.nextDouble()) * mean);
  }

  private static int millis(Random random) {
    return 200 + random.nextInt(2_300);
  }
}
