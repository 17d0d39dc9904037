package cablestream.chaos;

import java.util.Random;

/**
 * What will go wrong with one connection.
 *
 * @param kind null for nothing
 * @param after so many bytes from the bridge's or the server's side have passed (a {@code
 *     REQUEST_LOST}: towards it)
 * @param millis how long it stalls, is silent or half-closed
 * @param jitter whether its bytes are split and delayed
 */
record FaultPlan(FaultKind kind, long after, int millis, boolean jitter) {
  static final FaultPlan NONE = new FaultPlan(null, 0, 0, false);

  /** Makes plans, one for each connection, from one seed. */
  interface Planner {
    FaultPlan next(Random random);
  }

  /**
   * A stream of events.
   *
   * @param meanBytes how many pass before something goes wrong
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

  /** Requests with one answer each, of which some share goes wrong. */
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

  /** Often soon, seldom late, as if each byte had the same risk. */
  private static long spread(Random random, int mean) {
    return (long) (-Math.log(1 - random.nextDouble()) * mean);
  }

  private static int millis(Random random) {
    return 200 + random.nextInt(2_300);
  }
}
