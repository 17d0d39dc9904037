package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One of the shipped systemd units. */
record UnitFile(String name) {
  private static final Path FOLDER = Path.of("src/deploy/systemd");

  String text() throws IOException {
    return Files.readString(FOLDER.resolve(name));
  }

  /** Its lines without comments. */
  List<String> lines() throws IOException {
    return text().lines().filter(line -> !line.isEmpty() && !line.startsWith("#")).toList();
  }

  /** The values of a key, in order. */
  List<String> values(String key) throws IOException {
    return lines().stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .toList();
  }

  /** The variables that it sets without quotes. */
  Map<String, String> environment() throws IOException {
    return values("Environment").stream()
        .filter(line -> !line.startsWith("\""))
        .flatMap(line -> Stream.of(line.split(" ")))
        .map(variable -> variable.split("=", 2))
        .collect(Collectors.toMap(variable -> variable[0], variable -> variable[1]));
  }

  /** The only value of a key. */
  String value(String key) throws IOException {
    List<String> values = values(key);
    assertThat(values).as(name + ", " + key).hasSize(1);
    return values.get(0);
  }

  /** Its drain command, for a bridge at another address than the unit's. */
  List<String> drainCommand(String base) throws IOException {
    String shipped = "http://127.0.0.1:8080/cable-events";
    String command = value("ExecStop");
    // The dash: a failed drain doesn't keep the service from stopping.
    assertThat(command).startsWith("-/").contains(shipped);
    return words(command.substring(1).replace(shipped, base));
  }

  /** Splits a line as systemd does: at blanks outside of single quotes; two dollars are one. */
  private static List<String> words(String line) {
    return Pattern.compile("'([^']*)'|[^ ']+")
        .matcher(line)
        .results()
        .map(word -> word.group(1) == null ? word.group() : word.group(1))
        .map(word -> word.replace("$$", "$"))
        .toList();
  }

  /** A command's output; the command must succeed. */
  static String run(List<String> command) throws IOException, InterruptedException {
    return run(command, Map.of());
  }

  /** The same with variables of the unit's environment file. */
  static String run(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(command + ":\n" + said).isZero();
    return said;
  }
}
