package cablestream.hardening;

import cablestream.support.FreePort;
import cablestream.support.containers.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * nginx with the sample of src/deploy in front of a bridge, without the sample's HTTPS. The
 * end-to-end tests use the unmodified sample; here only what passes through it matters.
 */
final class Nginx implements AutoCloseable {
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

  static boolean isThere() {
    return Files.isExecutable(PROGRAM);
  }

  /**
   * @param bridge its port
   */
  static Nginx before(int bridge) {
    try {
      return new Nginx(bridge);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Nginx(int bridge) throws IOException {
    Path directory = ChildProcess.newDirectory("nginx");
    port = FreePort.find();
    String site =
        (sample("cablestream.conf") + sample("app.example.conf"))
            .replace(
                "include snippets/cablestream-locations.conf;",
                sample("cablestream-locations.conf"))
            .replace("listen 443 ssl;", "listen 127.0.0.1:" + port + ";")
            .replaceAll("(?m)^ *(http2|ssl_).*$", "")
            .replace("127.0.0.1:8080", "127.0.0.1:" + bridge)
            .replace("/var/log/nginx/", directory + "/");
    Files.writeString(directory.resolve("site"), site);
    Files.writeString(directory.resolve("main"), MAIN);
    String prefix = directory + "/";
    process =
        ChildProcess.start(
            directory,
            Map.of(),
            List.of(PROGRAM.toString(), "-p", prefix, "-c", "main", "-e", "stderr"));
    process.awaitListening(port);
  }

  private static String sample(String file) throws IOException {
    return Files.readString(Path.of("src/deploy/nginx", file));
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.close();
  }
}
