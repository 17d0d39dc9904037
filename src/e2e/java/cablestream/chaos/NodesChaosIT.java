package cablestream.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Nothing is lost unannounced, repeated or reordered, and no live client is left without messages,
 * while nodes are killed, terminated, replaced by nodes of the previous version and back, stopped,
 * and cut off from one another and from the store, and while the store is slow, silent and empty,
 * with two of these faults at once. A long run:
 *
 * <pre>
 * mvn -f src/e2e/pom.xml verify -Dit.test=NodesChaosIT -Dround-robin.skip \
 *     -Dchaos.node-faults=100 -Dchaos.limit=900 -Dchaos.seed=42
 * </pre>
 *
 * {@code -Dprevious.revision=HEAD} replaces nodes by nodes of the same version. With {@code
 * -Dchaos.names=false} a client doesn't name its session in its commands.
 */
class NodesChaosIT {
  @Test
  void nothingIsLostAndNobodyIsLeftEmptyWhateverBefallsTheNodes() {
    Schedule course =
        new Schedule(
            Long.getLong("chaos.seed", System.nanoTime() % 1_000_000),
            Long.getLong("chaos.events", 20_000),
            Long.getLong("chaos.faults", 100),
            Integer.getInteger("chaos.sessions", 24),
            Integer.getInteger("chaos.rate", 400),
            0,
            Duration.ofSeconds(Long.getLong("chaos.limit", 30)));
    boolean names = !System.getProperty("chaos.names", "true").equals("false");
    Report report = NodesRun.run(course, Integer.getInteger("chaos.node-faults", 10), names);
    System.out.println(report.table());
    assertThat(report.isClean()).as(report::violations).isTrue();
  }
}
