package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One of the files for systemd that we ship. */
record UnitFile(String name) {
  private static final Path FOLDER = Path.of("src/deploy/systemd");

  String text() throws IOException {
    return Files.readString(FOLDER.resolve(name));
  }

  /** The values of a key, in order. */
  List<String> values(String key) throws IOException {
    return text()
        .lines()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .toList();
  }

  /** The only value of a key. */
  String value(String key) throws IOException {
    List<String> values = values(key);
    assertThat(values).as(name + ", " + key).hasSize(1);
    return values.get(0);
  }

  /** The command with which it drains, for a bridge elsewhere than where it says. */
  List<String> drainCommand(String base) throws IOException {
    String shipped = "http://127.0.0.1:8080/cable-events";
    String command = value("ExecStop");
    // The dash: a drain that fails doesn't keep the service from stopping.
    assertThat(command).startsWith("-/").contains(shipped);
    return List.of(command.substring(1).replace(shipped, base).split(" "));
  }

  /** What a command has said; fails where it fails. */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(command + ":\n" + said).isZero();
    return said;
  }
}
