package cablestream.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Debian's proxies for which src/deploy has a sample, and how a test runs each with it. */
enum ProxyProgram {
  NGINX("/usr/sbin/nginx", "nginx/app.example.conf") {
    @Override
    String sample() throws IOException {
      return sample("nginx/cablestream.conf")
          + super.sample()
              .replace(
                  "include snippets/cablestream-locations.conf;",
                  sample("nginx/cablestream-locations.conf"));
    }

    @Override
    Map<String, String> changes(Path directory, int port) {
      return Map.of(
          "listen 443 ssl", "listen 127.0.0.1:" + port + " ssl",
          "/etc/ssl/certs/", directory + "/",
          "/etc/ssl/private/", directory + "/",
          "/var/log/nginx/", directory + "/");
    }

    @Override
    String main(Path directory, int port) {
      return """
          daemon off;
          user root;
          worker_processes 1;
          pid nginx.pid;
          error_log stderr notice;
          events {}
          http {
            access_log access.log;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            include conf.d/*.conf;
          }
          """;
    }

    @Override
    List<String> parameters(Path directory) {
      return List.of("-p", directory + "/", "-c", "main", "-e", "stderr");
    }
  },

  HAPROXY("/usr/sbin/haproxy", "haproxy/cablestream.cfg") {
    @Override
    Map<String, String> changes(Path directory, int port) {
      // The number in the samples would need more file descriptors than a test may have, and only
      // root
      // may change the user.
      return Map.of(
          "chroot /var/lib/haproxy",
          "",
          "user haproxy",
          "",
          "group haproxy",
          "",
          "maxconn ",
          "maxconn 2000 #",
          "bind :443",
          "bind 127.0.0.1:" + port,
          "/etc/haproxy/",
          directory + "/both/",
          "log /dev/log local0",
          "log stdout format raw local0");
    }

    @Override
    String main(Path directory, int port) {
      return "";
    }

    @Override
    List<String> parameters(Path directory) {
      return List.of("-f", directory.resolve("conf.d").toString());
    }
  },

  /** With the modules that the sample names, and those for compression, which Debian enables. */
  APACHE("/usr/sbin/apache2", "apache/cablestream.conf") {
    @Override
    Map<String, String> changes(Path directory, int port) {
      return Map.of(
          "<VirtualHost *:443>", "<VirtualHost 127.0.0.1:" + port + ">",
          "/etc/ssl/certs/", directory + "/",
          "/etc/ssl/private/", directory + "/",
          "/etc/apache2/cablestream-away.asis", readableByAll("apache/cablestream-away.asis"),
          "/var/log/apache2/", directory + "/");
    }

    @Override
    String main(Path directory, int port) {
      String modules = "/usr/lib/apache2/modules/mod_";
      String loaded =
          Stream.of(
                  ("mpm_event authz_core ssl socache_shmcb http2 headers alias asis proxy"
                          + " proxy_http deflate filter mime")
                      .split(" "))
              .map(name -> "LoadModule " + name + "_module " + modules + name + ".so\n")
              .collect(Collectors.joining());
      return loaded
          + """
          TypesConfig /etc/mime.types
          Include /etc/apache2/mods-available/deflate.conf
          PidFile %1$s/pid
          DefaultRuntimeDir %1$s
          User www-data
          Group www-data
          ServerName app.example
          ErrorLog %1$s/error.log
          Listen 127.0.0.1:%2$d
          Include %1$s/conf.d/*.conf
          """
              .formatted(directory, port);
    }

    @Override
    List<String> parameters(Path directory) {
      return List.of("-D", "FOREGROUND", "-f", directory.resolve("main").toString());
    }
  };

  private static final Path DEPLOY = Path.of("src/deploy");

  private final Path executable;
  private final String sample;

  ProxyProgram(String executable, String sample) {
    this.executable = Path.of(executable);
    this.sample = sample;
  }

  /** Texts of a sample and their replacements. */
  abstract Map<String, String> changes(Path directory, int port);

  /** The main configuration file, in place of Debian's; empty if there is none. */
  abstract String main(Path directory, int port);

  abstract List<String> parameters(Path directory);

  /** The sample for one node, which is in src/deploy. */
  String sample() throws IOException {
    return sample(sample);
  }

  static String sample(String path) throws IOException {
    return Files.readString(DEPLOY.resolve(path));
  }

  /** For a proxy that drops its privileges and can't read a test's own directory. */
  private static String readableByAll(String sample) {
    try {
      Path copy =
          Files.createTempFile(
              "cablestream-",
              ".asis",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
      copy.toFile().deleteOnExit();
      return Files.writeString(copy, sample(sample)).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command that starts it with the configuration in a directory. */
  List<String> command(Path directory) {
    if (!Files.isExecutable(executable)) {
      throw new AssertionError(
          "This test needs " + executable + ": apt-get install nginx haproxy apache2");
    }
    return Stream.concat(Stream.of(executable.toString()), parameters(directory).stream()).toList();
  }

  /** Writes the configuration: a site's file in conf.d, and the main file. */
  void layOut(Path directory, int port, String site) throws IOException {
    Path folder = Files.createDirectory(directory.resolve("conf.d"));
    String ending = sample.substring(sample.indexOf('.'));
    Files.writeString(folder.resolve("site" + ending), site);
    Files.writeString(directory.resolve("main"), main(directory, port));
  }
}
