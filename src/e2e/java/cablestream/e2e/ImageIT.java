package cablestream.e2e;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static cablestream.support.wire.Commands.ECHO;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.Commands;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The image built by src/deploy/container/build, run by Podman as an unprivileged user, on a
 * read-only root, without capabilities: apt-get install buildah podman runc mmdebstrap jq
 * openjdk-25-jdk-headless. Podman's own network isn't used, so that this machine's network stays
 * unchanged. The environment's KEEP_IMAGE is a name under which the image is kept for others.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageIT {
  private static final long MAX_BYTES = 120_000_000;
  private static final int MEMORY = 256 * 1024 * 1024;

  private final String suffix = UUID.randomUUID().toString();
  private final String image = "localhost/cablestream:" + suffix;
  private final String container = "cablestream-" + suffix;

  @BeforeAll
  void build() throws Exception {
    run("src/deploy/container/build", image);
  }

  @AfterAll
  void remove() throws Exception {
    String kept = System.getenv("KEEP_IMAGE");
    if (kept != null) {
      run("podman", "tag", image, kept);
    }
    run("podman", "rmi", "--force", image, base(suffix));
  }

  @Test
  void itIsSmallAndSaysWhatItIs() throws Exception {
    JsonObject described = inspect("image", image);

    assertThat(described.getJsonNumber("Size").longValue()).isLessThan(MAX_BYTES);
    assertThat(described.getString("Architecture")).isEqualTo("amd64");
    assertThat(described.getJsonObject("Labels"))
        .containsKeys(
            "org.opencontainers.image.title",
            "org.opencontainers.image.version",
            "org.opencontainers.image.revision",
            "org.opencontainers.image.licenses");
  }

  @Test
  void theBillsOfMaterialsAreInItAndAShellIsNot() throws Exception {
    String root = run("podman", "image", "mount", image).strip();
    try {
      assertThat(json(Files.readString(Path.of(root, "usr/share/sbom/cablestream.json"))))
          .containsKey("components");
      assertThat(names(json(Files.readString(Path.of(root, "usr/share/sbom/base.json")))))
          .contains("libc6", "zlib1g", "openjdk");
      for (String folder : List.of("bin", "usr/bin", "usr/sbin")) {
        assertThat(Path.of(root, folder, "sh")).doesNotExist();
      }
    } finally {
      run("podman", "image", "umount", image);
    }
  }

  @Test
  void aSessionWorksInItAsNobodyOnAReadOnlyRootAndSigtermDrains() throws Exception {
    try (StandaloneBridge bridge = start()) {
      Listening listening = bridge.awaitListening();
      Visitor visitor = Visitor.of(new Site(listening.port(), listening.path()));
      EventStream stream = visitor.listenTo(ECHO);
      visitor.post(Commands.echo(ECHO, "hi"));
      assertThat(stream.next("received").data()).contains("hi");
      JsonObject running = inspect("container", container);
      int process = running.getJsonObject("State").getInt("Pid");
      assertThat(Path.of("/proc/" + process + "/task/" + process + "/children"))
          .content()
          .isBlank();
      assertThat(run(healthCheck(listening.port()))).startsWith("healthy: http");
      assertThat(run("podman", "exec", container, "java", "-XX:+PrintFlagsFinal", "-version"))
          .containsPattern("MaxHeapSize += " + heap() + "\\b");

      bridge.process().terminate();

      stream.expectEnd();
      assertThat(Integer.parseInt(stream.retry())).isBetween(500, 1_500);
      assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(143);
      assertThat(bridge.process().log()).contains("event=drained sessions=1", "event=stopped");
    }
  }

  @Test
  void theSameWarAndPackagesGiveTheSameLayers() throws Exception {
    String again = "again-" + suffix;
    run("src/deploy/container/build", "localhost/cablestream:" + again);
    try {
      assertThat(inspect("image", "localhost/cablestream:" + again).getJsonObject("RootFS"))
          .isEqualTo(inspect("image", image).getJsonObject("RootFS"));
    } finally {
      run("podman", "rmi", "--force", "localhost/cablestream:" + again, base(again));
    }
  }

  private StandaloneBridge start() throws Exception {
    List<String> command = new ArrayList<>(List.of("podman", "--runtime", "runc", "run", "--rm"));
    command.addAll(List.of("--name", container, "--network", "host", "--user", "12345:54321"));
    command.addAll(List.of("--read-only", "--tmpfs", "/tmp", "--cap-drop", "all"));
    command.addAll(List.of("--security-opt", "no-new-privileges", "--memory", MEMORY + "b"));
    command.addAll(List.of("-e", "CABLESTREAM_CABLE_URL=" + Stage.rails().cableUrl()));
    command.addAll(List.of("-e", "CABLESTREAM_HTTP_HOST=127.0.0.1"));
    command.addAll(List.of("-e", "CABLESTREAM_HTTP_PORT=0", image));
    return StandaloneBridge.run(Map.of(), command);
  }

  /** The image's own health check, with the free port. */
  private String[] healthCheck(int port) throws Exception {
    JsonArray check = inspect("image", image).getJsonObject("Healthcheck").getJsonArray("Test");
    assertThat(check.getString(0)).isEqualTo("CMD");
    List<String> command = new ArrayList<>(List.of("podman", "exec"));
    command.addAll(List.of("--env", "CABLESTREAM_HTTP_PORT=" + port, container));
    check.getValuesAs(JsonString::getString).stream().skip(1).forEach(command::add);
    return command.toArray(String[]::new);
  }

  /** As the image's JAVA_TOOL_OPTIONS size it; the virtual machine rounds up. */
  private static long heap() {
    long page = 2 * 1024 * 1024;
    return (MEMORY * 42L / 100 + page - 1) / page * page;
  }

  private static String base(String tag) {
    return "localhost/cablestream-base:" + tag;
  }

  private static List<String> names(JsonObject materials) {
    return materials.getJsonArray("components").getValuesAs(JsonObject.class).stream()
        .map(component -> component.getJsonString("name"))
        .map(JsonString::getString)
        .toList();
  }

  private static JsonObject inspect(String kind, String name) throws Exception {
    return Json.createReader(new StringReader(run("podman", kind, "inspect", name)))
        .readArray()
        .getJsonObject(0);
  }

  private static JsonObject json(String text) {
    return Json.createReader(new StringReader(text)).readObject();
  }

  /** A command's standard output; the command must succeed. */
  private static String run(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PODMAN_IGNORE_CGROUPSV1_WARNING", "1");
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(String.join(" ", command) + ":\n" + said).isZero();
    return said;
  }
}
