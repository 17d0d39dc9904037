package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.echo;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each kind of store that {@code cluster.store} may name, beside the one that {@link NodesIT} has:
 * three nodes find a session by it.
 */
class StoresIT {
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SINGLE")
  void nodesFindASessionByIt(ValkeyServer.Kind kind) {
    try (RoundRobin cluster = RoundRobin.plain(Container.JETTY_EE11, kind)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(cluster.nodes())
                      .allSatisfy(node -> assertThat(state(node)).isEqualTo("up")));
      Visitor visitor = cluster.front().visitor();
      try (EventStream stream = visitor.listenTo(ECHO)) {
        for (int i = 0; i < 6; i++) {
          String said = "by request " + i;
          assertThat(visitor.post(echo(ECHO, said)).status()).isEqualTo(200);
          assertThat(stream.skipTo("received").data()).contains(said);
        }
      }
      assertThat(visitor.delete().status()).isEqualTo(204);
    }
  }

  private static String state(Bridge node) {
    return node.request("GET", "/-/ready").send().json().getString("cluster");
  }
}
