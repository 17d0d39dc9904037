package cablestream.chaos;

import java.time.Duration;

/**
 * How a run is to go.
 *
 * @param seed of all that is random
 * @param events messages that the server sends at least
 * @param faults that happen at least; 0: none at all
 * @param sessions clients, a third of each transport
 * @param eventsPerSecond about
 * @param redeployments half of them after a drain
 * @param limit when it ends whatever has been reached
 */
record Schedule(
    long seed,
    long events,
    long faults,
    int sessions,
    int eventsPerSecond,
    int redeployments,
    Duration limit) {

  /** Messages between two faults, on average. */
  double eventsPerFault() {
    return Math.max(20.0, (double) events / faults);
  }

  /** A run as the system properties {@code chaos.*} say. */
  static Schedule fromProperties() {
    long events = Long.getLong("chaos.events", 20_000);
    int rate = Integer.getInteger("chaos.rate", 4_000);
    return new Schedule(
        Long.getLong("chaos.seed", System.nanoTime() % 1_000_000),
        events,
        Long.getLong("chaos.faults", 250),
        Integer.getInteger("chaos.sessions", 48),
        rate,
        Integer.getInteger("chaos.redeployments", (int) (2 + events / 200_000)),
        Duration.ofSeconds(Long.getLong("chaos.limit", 60 + 3 * events / rate)));
  }
}
