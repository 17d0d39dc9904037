package cablestream.bench.soak;

import cablestream.bench.lab.FreePorts;
import cablestream.bench.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code java -jar cablestream.war} as src/deploy/systemd starts it, on one port for all its lives.
 * What it logs is in {@code target/bench/soak.log}.
 */
final class JarBridge implements AutoCloseable {
  private static final String TOKEN = "soak-soak-soak-soak";
  private static final Path DIRECTORY = Path.of("target", "bench").toAbsolutePath();
  private static final double PATIENCE_SECONDS = 120;
  private static final long EXIT_SECONDS = 60;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final URI cable;
  private final int port;
  private Process process;

  JarBridge(URI cable) throws IOException {
    this.cable = cable;
    port = FreePorts.find(1).get(0);
    start();
  }

  /** Returns when it is ready. */
  void start() throws IOException {
    Path directory = Files.createTempDirectory(DIRECTORY, "soak-");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseParallelGC",
            "-Xmn64m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.io.tmpdir=" + directory,
            "-Dcablestream.cable.url=" + cable,
            "-Dcablestream.http.host=0.0.0.0",
            "-Dcablestream.http.port=" + port,
            "-Dcablestream.operator.token=" + TOKEN,
            "-jar",
            Path.of("target", "cablestream.war").toAbsolutePath().toString());
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(DIRECTORY.resolve("soak.log").toFile()))
            .start();
    if (!Lab.waitFor(() -> status("/-/ready") == 200, PATIENCE_SECONDS)) {
      throw new IllegalStateException("the bridge isn't ready; see target/bench/soak.log");
    }
  }

  /** SIGTERM, which drains, and then another one in its place. */
  void restart() throws IOException {
    close();
    start();
  }

  long pid() {
    return process.pid();
  }

  /**
   * Where clients go.
   *
   * @param address any of the loopback network
   */
  URI url(String address) {
    return URI.create("http://" + address + ":" + port + "/cable-events");
  }

  /** All that {@code /-/metrics} says. */
  String metrics() {
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
    try {
      if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("SIGTERM doesn't end the bridge");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
