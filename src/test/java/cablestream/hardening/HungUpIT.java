package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Leavers;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Callers that disconnect while their dials wait: 140 a second for five seconds, with a server that
 * welcomes ten a second and would need more than a minute for them.
 */
@InTomcatAndJetty
@EnabledOnOs(OS.LINUX)
class HungUpIT {
  private static final int CALLERS = 700;
  private static final String HONEST = "127.0.0.1";
  private static final Pattern WAITING = Pattern.compile("(?m)^cablestream_dials_waiting (\\d+)");

  private final CableServer cable = new CableServer();
  private final Leavers leavers = new Leavers(15);
  private final Bridge bridge;

  HungUpIT(Container container) {
    bridge =
        Bridge.in(container)
            .setting("cable.url", cable.url().toString())
            .setting("max-sessions-per-address", "10000")
            .start();
  }

  @AfterEach
  void stop() {
    leavers.close();
    bridge.close();
    cable.close();
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, false", "127.0.0.2, false", "127.0.0.1, true"})
  void theirDialsKeepNobodyWaiting(String address, boolean reset) {
    Visitor returning = bridge.visitor().withQuery("who=returning").from(HONEST);
    Visitor newcomer = bridge.visitor().withQuery("who=newcomer").from(HONEST);
    try (EventStream stream = returning.listen()) {
      stream.next("joined");
      cable.welcomesSlowly(Duration.ofMillis(100));
      for (int i = 0; i < CALLERS; i++) {
        Visitor stranger = bridge.visitor().withQuery("who=stranger").from(address);
        leavers.come(stranger.stream(""), i * 1_000L / 140, reset);
      }
      await().atMost(Duration.ofSeconds(20)).until(() -> leavers.left() > 450);
      cable.losesAll();
      long since = System.nanoTime();
      try (EventStream arriving = newcomer.listen()) {
        arriving.next("joined");
        assertThat(Duration.ofNanos(System.nanoTime() - since))
            .as("the newcomer waits")
            .isLessThan(Duration.ofSeconds(20));
      }
      await().atMost(Duration.ofSeconds(10)).until(() -> cable.requests("returning").size() == 2);
      await().atMost(Duration.ofSeconds(20)).until(() -> waiting() == 0);
      assertThat(cable.requests("who=stranger")).hasSizeLessThan(CALLERS / 3);
    }
  }

  private int waiting() {
    String metrics = bridge.operate("GET", "/-/metrics").send().text();
    Matcher line = WAITING.matcher(metrics);
    assertThat(line.find()).isTrue();
    return Integer.parseInt(line.group(1));
  }
}
