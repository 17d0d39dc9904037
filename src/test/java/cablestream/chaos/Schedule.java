package cablestream.chaos;

import java.time.Duration;

/**
 * The parameters of a run.
 *
 * @param seed of all random choices
 * @param events the minimum number of messages that the server sends
 * @param faults the minimum number of faults; 0 for none at all
 * @param sessions clients, a third of each transport
 * @param eventsPerSecond approximately
 * @param redeployments half of them after a drain
 * @param limit when it ends, even if the numbers haven't been reached
 */
record Schedule(
    long seed,
    long events,
    long faults,
    int sessions,
    int eventsPerSecond,
    int redeployments,
    Duration limit) {

  /** The average number of messages between two faults. */
  double eventsPerFault() {
    return Math.max(20.0, (double) events / faults);
  }

  /** A run configured by the system properties {@code chaos.*}. */
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
