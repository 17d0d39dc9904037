package cablestream.e2e;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The systemd units, read by systemd's own tool: apt-get install systemd. */
class UnitFilesIT {
  /** Of 100; systemd calls 50 and more medium. A unit without any sandbox has 96. */
  private static final int MAX_EXPOSURE = 20;

  @TempDir private Path scratch;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cablestream.service",
        "cablestream@.service",
        "cablestream-tomcat.service",
        "cablestream-jetty.service"
      })
  void systemdFindsNothingToSayAboutAUnitAndLittleThatItIsExposedTo(String unit) throws Exception {
    String file = prepared(unit, unit).toString();

    assertThat(UnitFile.run(List.of("systemd-analyze", "verify", "--man=no", file))).isEmpty();
    UnitFile.run(
        List.of(
            "systemd-analyze", "security", "--offline=true", "--threshold=" + MAX_EXPOSURE, file));
  }

  @Test
  void anApplicationsOwnUnitIsTheUnitWithItsOwnSettings() throws IOException {
    List<String> others =
        Stream.of("Description=", "Environment=CABLESTREAM_CABLE_URL=", "EnvironmentFile=")
            .toList();
    List<String> lines = new UnitFile("cablestream@.service").lines();

    assertThat(lines)
        .contains("EnvironmentFile=/etc/cablestream-%i.env")
        .filteredOn(line -> others.stream().noneMatch(line::startsWith))
        .containsExactlyElementsOf(
            new UnitFile("cablestream.service")
                .lines().stream()
                    .filter(line -> others.stream().noneMatch(line::startsWith))
                    .map(line -> line.replace(" CABLESTREAM_HTTP_PORT=8080", ""))
                    .toList());
  }

  @Test
  void systemdTakesTheDropInForAContainersOwnUnit() throws Exception {
    Path unit = prepared("cablestream-tomcat.service", "tomcat11.service");
    Files.createDirectory(scratch.resolve("tomcat11.service.d"));
    Files.writeString(
        scratch.resolve("tomcat11.service.d/drain.conf"),
        new UnitFile("drain.conf").text() + "\nNoSuchKey=here\n");

    // Its complaint about an invalid line shows that it has read the file.
    assertThat(
            UnitFile.run(List.of("systemd-analyze", "verify", "--man=no", unit.toString())).lines())
        .singleElement()
        .asString()
        .contains("drain.conf", "NoSuchKey");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cablestream-tomcat.service", "cablestream-jetty.service", "drain.conf"})
  void systemdWaitsLongerThanTheDrainMayTake(String unit) throws Exception {
    UnitFile file = new UnitFile(unit);
    String drain = file.value("ExecStop").replaceAll(".*--max-time (\\d+) .*", "$1");

    assertThat(Integer.parseInt(file.value("TimeoutStopSec")))
        .isGreaterThan(Integer.parseInt(drain) + 10);
  }

  @Test
  void theUnitWithoutAContainerStartsTheBridgeAndTakesItsExitForASuccess() throws Exception {
    UnitFile unit = new UnitFile("cablestream.service");
    try (StandaloneBridge bridge = StandaloneBridge.run(environment(unit), command(unit))) {
      Listening listening = bridge.awaitListening();
      assertThat(listening.request("GET", "/-/ready").send().status()).isEqualTo(200);

      bridge.process().terminate();

      assertThat(unit.value("SuccessExitStatus"))
          .isEqualTo(String.valueOf(bridge.process().awaitExit(PATIENCE)));
    }
  }

  @Test
  void theUnitWithoutAContainerIsNotStartedAgainWhereASettingCannotBe() throws Exception {
    UnitFile unit = new UnitFile("cablestream.service");
    try (StandaloneBridge bridge =
        StandaloneBridge.run(Map.of("CABLESTREAM_CABLE_URL", "nowhere"), command(unit))) {
      assertThat(unit.value("RestartPreventExitStatus"))
          .isEqualTo(String.valueOf(bridge.process().awaitExit(PATIENCE)));
    }
  }

  private static Map<String, String> environment(UnitFile unit) throws IOException {
    Map<String, String> environment = new HashMap<>(unit.environment());
    assertThat(environment).containsEntry("CABLESTREAM_HTTP_PORT", "8080");
    environment.put("CABLESTREAM_HTTP_PORT", "0");
    return environment;
  }

  private static List<String> command(UnitFile unit) throws IOException {
    String command = unit.value("ExecStart");
    assertThat(command).startsWith("/usr/bin/java ").contains("/opt/cablestream/cablestream.war");
    return List.of(
        command
            .replace("/usr/bin/java", StandaloneBridge.java())
            .replace("/opt/cablestream/cablestream.war", Bridge.WAR.toAbsolutePath().toString())
            .split(" "));
  }

  /** The unit with programs that exist here, because systemd checks that they do. */
  private Path prepared(String unit, String name) throws IOException {
    String text =
        new UnitFile(unit)
            .text()
            .replace("/opt/tomcat/bin/catalina.sh", "/bin/sh /opt/tomcat/bin/catalina.sh")
            .replace("/usr/bin/java", StandaloneBridge.java());
    return Files.writeString(scratch.resolve(name), text);
  }
}
