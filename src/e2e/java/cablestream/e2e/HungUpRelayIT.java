package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Leavers;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Browsers leave while their sessions wait for a Rails that welcomes ten a second. Each has asked
 * the session's node, and then another node, which relays its request.
 */
class HungUpRelayIT {
  private static final int CALLERS = 200;
  private static final int EACH_MILLIS = 10;

  /** From a browser's first request to its second, and to its end. */
  private static final int STAY_MILLIS = 400;

  private static final String ADDRESS = "127.77.0.7";

  private final Leavers leavers = new Leavers(STAY_MILLIS);

  @AfterEach
  void stop() {
    leavers.close();
  }

  @ParameterizedTest
  @CsvSource({"TOMCAT11, false", "JETTY_EE11, true"})
  void theirDialsKeepNobodyWaiting(Container container, boolean reset) {
    String token = "leaving-" + container;
    try (RoundRobin cluster =
            RoundRobin.site(container, Map.of("max-sessions-per-address", "1000"));
        EventStream staying = cluster.node(1).visitor().from(ADDRESS).listen()) {
      // A reset is only noticed while its address has another connection.
      staying.next("joined");
      Visitor leaving =
          cluster.node(0).visitor().withQuery("token=" + token + "&slow-connect=0.4").from(ADDRESS);
      for (int i = 0; i < CALLERS; i++) {
        Visitor caller = leaving.withNewId();
        long at = (long) i * EACH_MILLIS;
        leavers.come(caller.stream(""), at, reset);
        leavers.come(caller.at(cluster.node(1).site()).stream(""), at + STAY_MILLIS, reset);
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> leavers.left() == 2 * CALLERS);
      long since = System.nanoTime();
      try (EventStream stream = cluster.node(0).visitor().from(ADDRESS).listen()) {
        stream.next("joined");
      }
      long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
      int dials = Stage.rails().dials(token);
      System.out.printf(
          "hung up, relayed, %s: the newcomer waits %d ms, %d of %d are dialled%n",
          container, waited, dials, CALLERS);
      assertThat(dials).isLessThan(CALLERS * 3 / 4);
    }
  }
}
