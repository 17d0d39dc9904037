package cablestream.support.containers;

import cablestream.support.wire.RawRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code java -jar target/cablestream.war} in a process of its own. */
public final class StandaloneBridge implements AutoCloseable {
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The option whose absence causes a warning at startup. */
  public static final String EXITS = "-XX:+ExitOnOutOfMemoryError";

  private static final Pattern LISTENING =
      Pattern.compile("event=listening host=\\S+ port=(\\d+) path=(\\S+)");

  private final ChildProcess process;
  private final long started = System.nanoTime();

  /**
   * Sets the option that each shipped form sets. Turns the warm-up off, which would take processor
   * time from other tests, unless the settings turn it on.
   *
   * @param settings names without prefix, and values, as system properties
   */
  public static StandaloneBridge start(Map<String, String> settings) {
    return start(settings, Map.of(), List.of());
  }

  /** The same with another version's WAR. */
  public static StandaloneBridge start(Path war, Map<String, String> settings) {
    return start(war, settings, Map.of(), List.of());
  }

  public static StandaloneBridge start(
      Map<String, String> settings, Map<String, String> environment, List<String> arguments) {
    return start(Bridge.WAR, settings, environment, arguments);
  }

  private static StandaloneBridge start(
      Path war,
      Map<String, String> settings,
      Map<String, String> environment,
      List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(List.of("-Xmx256m", EXITS, "-Djava.io.tmpdir=."));
    if (!settings.containsKey("warm-up") && !environment.containsKey("CABLESTREAM_WARM_UP")) {
      command.add("-Dcablestream.warm-up=0s");
    }
    settings.forEach((name, value) -> command.add("-Dcablestream." + name + "=" + value));
    command.addAll(List.of("-jar", war.toAbsolutePath().toString()));
    command.addAll(arguments);
    return run(environment, command);
  }

  /** Starts it with the given command line. */
  public static StandaloneBridge run(Map<String, String> environment, List<String> command) {
    return new StandaloneBridge(
        ChildProcess.start(ChildProcess.newDirectory("standalone"), environment, command));
  }

  /** The virtual machine that runs the tests. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private StandaloneBridge(ChildProcess process) {
    this.process = process;
  }

  public ChildProcess process() {
    return process;
  }

  /** Waits until it logs that it listens. */
  public Listening awaitListening() {
    Matcher line = process.await(0, LISTENING, PATIENCE);
    return new Listening(
        Integer.parseInt(line.group(1)),
        line.group(2),
        Duration.ofNanos(System.nanoTime() - started));
  }

  /**
   * @param after since the process was started
   */
  public record Listening(int port, String path, Duration after) {
    public RawRequest request(String method, String target) {
      return RawRequest.of(method, port, (path.equals("/") ? "" : path) + target);
    }
  }

  /** The files left in its directory for temporary files, without this process's log. */
  public List<String> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(process.directory())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("log"))
          .toList();
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
