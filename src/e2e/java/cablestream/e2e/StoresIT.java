package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.echo;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each kind of store that {@code cluster.store} supports, except the one of {@link NodesIT}: three
 * nodes find a session with it.
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
      assertThat(forged(cluster.node(0)).status()).isEqualTo(403);
      assertThat(forged(cluster.node(0)).header("Cablestream-Node")).isPresent();
    }
  }

  /** Whatever a node responds, another node must recognise the response as a node's. */
  private static RawResponse forged(Bridge node) {
    return node.visitor().request("GET", "").header("Cablestream-Relay", "forged").send();
  }

  /** The threads for the store and for relaying end with the web application. */
  @ParameterizedTest
  @EnumSource(names = {"JETTY_EE11", "TOMCAT11"})
  void nothingIsLeftOfANodeThatIsUndeployed(Container container) {
    try (RoundRobin cluster = RoundRobin.plain(container)) {
      Bridge node = cluster.node(0);
      for (int i = 0; i < 3; i++) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(() -> assertThat(state(node)).isEqualTo("up"));
        Visitor visitor = cluster.front().visitor();
        for (int j = 0; j < 3; j++) {
          visitor.poll("timeout=0"); // by at least one of the others
        }
        node.undeploy();
        node.deploy();
      }
      node.undeploy();

      node.awaitCollectionOfFormerDeployments(Duration.ofSeconds(20));
      assertThat(node.threads()).noneMatch(name -> name.startsWith("cablestream"));
      assertThat(node.leaks()).isEmpty();
    }
  }

  private static String state(Bridge node) {
    return node.request("GET", "/-/ready").send().json().getString("cluster");
  }
}
