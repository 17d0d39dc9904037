package cablestream.bench.lab;

import cablestream.bench.control.Processes;
import cablestream.support.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code java -jar cablestream.war} as src/deploy/systemd starts it, on the same port after each
 * restart.
 */
public final class JarBridge implements Target {
  /** Its name on the command line and in the results. */
  public static final String KEY = "jar";

  private static final String WARM_UP = "-Dcablestream.warm-up=";

  /** The flag that turns the warm-up off. */
  private static final String COLD = WARM_UP + "0s";

  private static final String TOKEN = "soak-soak-soak-soak";
  private static final Path DIRECTORY = Path.of("target", "bench").toAbsolutePath();
  private static final double PATIENCE_SECONDS = 120;
  private static final long EXIT_SECONDS = 60;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final Variant variant;
  private final String log;
  private final URI cable;
  private final List<String> moreFlags;
  private final int port;
  private Process process;

  /**
   * Starts it.
   *
   * @param log the name of its log file in {@code target/bench}
   * @param moreFlags of the virtual machine, after those of src/deploy
   */
  public JarBridge(String log, URI cable, List<String> moreFlags) {
    this(Variant.PLAIN, log, cable, moreFlags);
  }

  /**
   * Starts it.
   *
   * @param variant whose flags come last
   */
  public JarBridge(Variant variant, String log, URI cable, List<String> moreFlags) {
    this.variant = variant;
    this.log = log;
    this.cable = cable;
    this.moreFlags = moreFlags;
    port = FreePort.find();
    start(List.of());
  }

  /** Returns when it is ready. */
  private void start(List<String> flags) {
    try {
      process = startIn(Files.createTempDirectory(DIRECTORY, "jar-"), flags);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!Lab.waitFor(() -> status("/-/ready") == 200, PATIENCE_SECONDS)) {
      throw new IllegalStateException("the bridge isn't ready; see target/bench/" + log);
    }
  }

  private Process startIn(Path directory, List<String> flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            variant.java().resolve("bin/java").toString(),
            "-Xmx512m",
            "-XX:+UseParallelGC",
            "-Xmn64m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.io.tmpdir=" + directory,
            "-Dcablestream.cable.url=" + cable,
            "-Dcablestream.http.host=0.0.0.0",
            "-Dcablestream.http.port=" + port,
            "-Dcablestream.operator.token=" + TOKEN));
    command.addAll(moreFlags);
    command.addAll(variant.flags());
    command.addAll(flags);
    command.addAll(List.of("-jar", variant.war().toAbsolutePath().toString()));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(DIRECTORY.resolve(log).toFile()))
        .start();
  }

  /** Sends SIGTERM, which drains it, and then starts it again. */
  public void restart() {
    close();
    start(List.of());
  }

  /** Returns when the warm-up, if there is one, is over as well: no scenario begins during it. */
  @Override
  public void restart(List<String> flags) {
    close();
    long from = DIRECTORY.resolve(log).toFile().length();
    start(flags);
    if (warmsUp(flags) && !Lab.waitFor(() -> hasWarmedUp(from), PATIENCE_SECONDS)) {
      throw new IllegalStateException("the bridge doesn't end its warm-up");
    }
  }

  /** The last of several flags counts. */
  private boolean warmsUp(List<String> flags) {
    return !Stream.of(moreFlags, variant.flags(), flags)
        .flatMap(List::stream)
        .filter(flag -> flag.startsWith(WARM_UP))
        .reduce(WARM_UP, (former, last) -> last)
        .equals(COLD);
  }

  private boolean hasWarmedUp(long from) {
    try {
      byte[] said = Files.readAllBytes(DIRECTORY.resolve(log));
      int start = Math.toIntExact(from);
      return new String(said, start, said.length - start, StandardCharsets.UTF_8)
          .contains("event=warmed_up");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts another one as after {@code kill -9}. */
  void replaceKilled() {
    process.destroyForcibly();
    awaitExit();
    start(List.of());
  }

  @Override
  public String name() {
    return variant.name();
  }

  @Override
  public List<URI> urls() {
    return List.of(url("127.0.0.1"));
  }

  @Override
  public long pid() {
    return process.pid();
  }

  /**
   * The address for clients.
   *
   * @param address any of the loopback network
   */
  public URI url(String address) {
    return URI.create("http://" + address + ":" + port + "/cable-events");
  }

  /** The response of {@code /-/metrics}. */
  public String metrics() {
    try {
      return ask("/-/metrics").body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int status(String path) {
    try {
      return ask(path).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  private HttpResponse<String> ask(String path) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url("127.0.0.1") + path))
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Bearer " + TOKEN)
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    awaitExit();
  }

  private void awaitExit() {
    if (!Processes.awaitEnd(process, EXIT_SECONDS) && !Thread.currentThread().isInterrupted()) {
      throw new IllegalStateException("the bridge doesn't end");
    }
  }
}
