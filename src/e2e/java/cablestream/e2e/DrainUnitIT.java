package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.wire.EventStream;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands with which the shipped units drain the bridge before its container stops. */
class DrainUnitIT {
  @ParameterizedTest
  @CsvSource({
    "drain.conf, TOMCAT11",
    "drain.conf, JETTY_EE10",
    "cablestream-tomcat.service, TOMCAT11",
    "cablestream-jetty.service, JETTY_EE10",
  })
  void theUnitsCommandSaysGoodbyeToEveryListener(String unit, Container container)
      throws Exception {
    try (Bridge bridge = Stage.bridgeWithSettings(container).start()) {
      EventStream stream = bridge.visitor().listenTo(ECHO);

      UnitFile file = new UnitFile(unit);
      assertThat(file.values("EnvironmentFile")).containsExactly("-/etc/cablestream.env");
      assertThat(
              UnitFile.run(
                  file.drainCommand(bridge.base().toString()),
                  Map.of("CABLESTREAM_OPERATOR_TOKEN", Bridge.OPERATOR_TOKEN)))
          .contains("\"sessions\":1")
          .contains("\"aborted\":0");

      stream.expectEnd();
      assertThat(Integer.parseInt(stream.retry())).isBetween(500, 1_500);
      assertThat(bridge.request("GET", "/-/ready").send().status()).isEqualTo(503);
    }
  }
}
