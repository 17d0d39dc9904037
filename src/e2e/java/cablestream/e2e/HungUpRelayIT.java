package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

  private final ScheduledExecutorService callers = Executors.newScheduledThreadPool(4);
  private final AtomicInteger begun = new AtomicInteger();

  @AfterEach
  void stop() {
    callers.shutdownNow();
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
        callers.schedule(
            () -> comeAndGo(leaving.withNewId(), cluster.node(1), reset),
            i * EACH_MILLIS,
            TimeUnit.MILLISECONDS);
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> begun.get() == CALLERS);
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

  private void comeAndGo(Visitor visitor, Bridge other, boolean reset) {
    open(visitor, reset);
    callers.schedule(
        () -> {
          open(visitor.at(other.site()), reset);
          begun.incrementAndGet();
        },
        STAY_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  private void open(Visitor visitor, boolean reset) {
    try {
      Socket socket = visitor.stream("").open();
      if (reset) {
        socket.setSoLinger(true, 0);
      }
      callers.schedule(
          () -> {
            socket.close();
            return null;
          },
          STAY_MILLIS,
          TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
