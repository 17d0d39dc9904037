package cablestream.support.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BridgeIT {
  @ParameterizedTest
  @EnumSource
  void theWarIsDeployedAndTakenOutTenTimesAndLeavesNoClassLoaderAndNoThread(Container container) {
    try (Bridge bridge =
        Bridge.in(container).setting("cable.url", "ws://127.0.0.1:9/cable").start()) {
      for (int i = 0; i < 10; i++) {
        bridge.undeploy();
        bridge.deploy();
      }
      bridge.undeploy();

      bridge.awaitCollectionOfFormerDeployments(Duration.ofSeconds(20));
      assertThat(bridge.threads()).noneMatch(name -> name.startsWith("cablestream"));
      assertThat(bridge.leaks()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theProcessIsGoneWhenItIsClosed(Container container) {
    Bridge bridge = Bridge.in(container).setting("cable.url", "ws://127.0.0.1:9/cable").start();

    bridge.close();

    assertThat(bridge.process().isAlive()).isFalse();
  }
}
