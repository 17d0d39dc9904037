package cablestream.support.containers;

import cablestream.support.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Debian's nginx with one site, on a free port of the loopback address. */
public final class Nginx implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/nginx");

  private static final String MAIN =
      """
      daemon off;
      user root;
      worker_processes auto;
      worker_rlimit_nofile 16384;
      pid nginx.pid;
      error_log stderr notice;
      events { worker_connections 8000; }
      http {
        access_log off;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
        include site;
      }
      """;

  private final ChildProcess process;
  private final int port;

  /** Whether it is installed. */
  public static boolean isThere() {
    return Files.isExecutable(PROGRAM);
  }

  /**
   * With the sample of src/deploy in front of a bridge, without the sample's HTTPS. The end-to-end
   * tests use the unmodified sample; here only what passes through it matters.
   *
   * @param bridge its port
   */
  public static Nginx before(int bridge) {
    try {
      String sample =
          (sample("cablestream.conf") + sample("app.example.conf"))
              .replace(
                  "include snippets/cablestream-locations.conf;",
                  sample("cablestream-locations.conf"))
              .replaceAll("(?m)^ *(http2|ssl_).*$", "")
              .replace("127.0.0.1:8080", "127.0.0.1:" + bridge)
              .replace("/var/log/nginx/", "");
      return serving(port -> sample.replace("listen 443 ssl;", "listen 127.0.0.1:" + port + ";"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * With directives inside of {@code http}.
   *
   * @param site from the port on which it has to listen
   */
  public static Nginx serving(IntFunction<String> site) {
    try {
      return new Nginx(site);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Nginx(IntFunction<String> site) throws IOException {
    Path directory = ChildProcess.newDirectory("nginx");
    port = FreePort.find();
    Files.writeString(directory.resolve("site"), site.apply(port));
    Files.writeString(directory.resolve("main"), MAIN);
    process =
        ChildProcess.start(
            directory,
            Map.of(),
            List.of(PROGRAM.toString(), "-p", directory + "/", "-c", "main", "-e", "stderr"));
    process.awaitListening(port);
  }

  private static String sample(String file) throws IOException {
    return Files.readString(Path.of("src/deploy/nginx", file));
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.close();
  }
}
