package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FreePort;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import jakarta.json.Json;
import jakarta.json.JsonString;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * src/deploy/container/Containerfile, as far as it can be tested without building an image: runs
 * the image's command. ImageIT (src/e2e) builds the image.
 */
class ContainerfileIT {
  private static final Path FILE = Path.of("src/deploy/container/Containerfile");
  private static final String WAR = "/opt/cablestream/cablestream.war";

  private record Instruction(String name, String arguments) {}

  @Test
  void theImageIsOfNoMovingTagRunsNobodysUserAndHasTheWarThatMavenMakes() throws IOException {
    assertThat(one("FROM")).isEqualTo("${BASE}");
    assertThat(all("ARG")).contains("BASE");
    assertThat(Files.readString(FILE)).contains("--build-arg BASE=docker.io/").contains("@sha256:");
    assertThat(all("COPY")).contains(Bridge.WAR.getFileName() + " " + WAR);
    assertThat(one("USER")).matches("[1-9]\\d+:[1-9]\\d+");
    assertThat(one("STOPSIGNAL")).isEqualTo("SIGTERM");
    assertThat(one("EXPOSE")).isEqualTo("8080");
    assertThat(instructions())
        .extracting(Instruction::name)
        .doesNotContain("RUN", "ADD", "SHELL", "CMD");
  }

  @Test
  void itsCommandRunsTheBridgeAndItsHealthCheckTellsWhetherItIsAlive() throws Exception {
    Map<String, String> environment = environment();
    environment.put("CABLESTREAM_CABLE_URL", "ws://127.0.0.1:9/cable");
    environment.put("CABLESTREAM_HTTP_PORT", String.valueOf(FreePort.find()));
    try (StandaloneBridge bridge = StandaloneBridge.run(environment, command())) {
      Listening listening = bridge.awaitListening();
      assertThat(bridge.process().log())
          .contains("event=listening host=0.0.0.0")
          .doesNotContain("event=doubtful_option");
      assertThat(listening.request("GET", "/-/ready").send().status()).isEqualTo(200);
      assertThat(check(environment)).isZero();

      bridge.process().terminate();

      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(143);
      assertThat(check(environment)).isNotZero();
    }
  }

  private static List<String> command() throws IOException {
    return here(strings(one("ENTRYPOINT")));
  }

  /** The command, adapted to this machine. */
  private static List<String> here(List<String> command) {
    command.replaceAll(word -> word.equals(WAR) ? Bridge.WAR.toAbsolutePath().toString() : word);
    assertThat(command.set(0, StandaloneBridge.java())).isEqualTo("java");
    return command;
  }

  private static Map<String, String> environment() throws IOException {
    Map<String, String> environment = new HashMap<>();
    for (Instruction instruction : instructions()) {
      if (instruction.name.equals("ENV")) {
        String[] variable = instruction.arguments.split("=", 2);
        environment.put(variable[0], variable[1].replaceAll("^\"|\"$", ""));
      }
    }
    return environment;
  }

  private static int check(Map<String, String> environment) throws Exception {
    String arguments = one("HEALTHCHECK");
    ProcessBuilder builder =
        new ProcessBuilder(here(strings(arguments.substring(arguments.indexOf("CMD ") + 4))));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    return builder.start().waitFor();
  }

  /** The exec form is a JSON array. */
  private static List<String> strings(String array) {
    return new ArrayList<>(
        Json.createReader(new StringReader(array)).readArray().getValuesAs(JsonString::getString));
  }

  private static String one(String name) throws IOException {
    List<String> found = all(name);
    assertThat(found).as(name).hasSize(1);
    return found.get(0);
  }

  private static List<String> all(String name) throws IOException {
    return instructions().stream()
        .filter(instruction -> instruction.name.equals(name))
        .map(Instruction::arguments)
        .toList();
  }

  private static List<Instruction> instructions() throws IOException {
    return Files.readAllLines(FILE).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split(" +", 2))
        .map(parts -> new Instruction(parts[0], parts[1]))
        .toList();
  }
}
