package cablestream.support.webapp;

import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The folder webapp with its web.xml, deployed at {@code /bridge} in a container in this process,
 * on a free port of the loopback interface, with the test's classes.
 */
public final class WebApplication implements AutoCloseable {
  /** Where it is deployed. */
  public static final String BASE = "/bridge";

  private final Path folder;
  private final Host host;

  private WebApplication(Path folder, Host host) {
    this.folder = folder;
    this.host = host;
  }

  /** A container. */
  interface Host {
    int port();

    void close() throws Exception;
  }

  /** The containers; the name appears in test reports. */
  public enum Container {
    JETTY_EE10,
    TOMCAT_11;

    /**
     * Deploys it.
     *
     * @param replacements texts in web.xml and their replacements
     * @throws Exception if it can't be deployed
     */
    public WebApplication deploy(Map<String, String> replacements) throws Exception {
      Path folder = Files.createTempDirectory("webapp");
      try {
        copy(Path.of("webapp"), folder);
        Path descriptor = folder.resolve("WEB-INF").resolve("web.xml");
        String text = Files.readString(descriptor);
        for (Map.Entry<String, String> replacement : replacements.entrySet()) {
          text = text.replace(replacement.getKey(), replacement.getValue());
        }
        Files.writeString(descriptor, text);
        return new WebApplication(
            folder, this == JETTY_EE10 ? new JettyHost(folder) : new TomcatHost(folder));
      } catch (Exception e) {
        delete(folder);
        throw e;
      }
    }
  }

  public int port() {
    return host.port();
  }

  /**
   * Sends a request.
   *
   * @param line method and path below the application's, like {@code GET /x?y}
   * @param headers lines like {@code Accept: text/plain}; Host and Connection are added
   */
  public RawResponse ask(String line, String... headers) {
    return request(line, headers).sendAlone();
  }

  /** The same with a body. */
  public RawResponse send(String line, String body, String... headers) {
    return request(line, headers).body(body).sendAlone();
  }

  private RawRequest request(String line, String... headers) {
    String[] parts = line.split(" ", 2);
    return RawRequest.of(parts[0], port(), BASE + parts[1])
        .headers(List.of(headers))
        .timeout(Duration.ofSeconds(10));
  }

  @Override
  public void close() {
    try {
      host.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    delete(folder);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }

  static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
