package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.StandaloneBridge;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Leavers;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Callers that reset their connections while their dials wait, each from an address of its own. In
 * {@code java -jar} only, whose requests' addresses are certainly those of their connections.
 */
@EnabledOnOs(OS.LINUX)
class HungUpStandaloneIT {
  private static final int CALLERS = 300;
  private static final int EACH_MILLIS = 10;

  private final CableServer cable = new CableServer();
  private final Leavers leavers = new Leavers(15);
  private final StandaloneBridge bridge =
      StandaloneBridge.start(Map.of("http.port", "0", "cable.url", cable.url().toString()));

  @AfterEach
  void stop() {
    leavers.close();
    bridge.close();
    cable.close();
  }

  @Test
  void theirDialsKeepNobodyWaiting() {
    StandaloneBridge.Listening listening = bridge.awaitListening();
    String path = listening.path().equals("/") ? "" : listening.path();
    Visitor visitor = Visitor.of(new Site(listening.port(), path));
    cable.welcomesSlowly(Duration.ofMillis(100));
    Visitor stranger = visitor.withQuery("who=stranger");
    for (int i = 0; i < CALLERS; i++) {
      String address = "127.78." + i / 250 + "." + (1 + i % 250);
      leavers.come(stranger.withNewId().from(address).stream(""), (long) i * EACH_MILLIS, true);
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> leavers.left() == CALLERS);
    long since = System.nanoTime();
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
    }
    long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    int dials = cable.requests("who=stranger").size();
    System.out.printf(
        "reset, %d addresses: the newcomer waits %d ms, %d are dialled%n", CALLERS, waited, dials);
    assertThat(dials).isLessThan(CALLERS / 2);
  }
}
