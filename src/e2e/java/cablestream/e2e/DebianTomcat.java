package cablestream.e2e;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.ChildProcess;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Site;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A standalone Tomcat as packaged by Debian, with its own base directory: Debian's configuration on
 * a free port, the WAR in webapps, and tomcat-context.xml as its context file. It looks for a new
 * WAR every second instead of every ten.
 */
final class DebianTomcat implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("event=started");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ChildProcess process;
  private final String context;
  private final int port;

  /**
   * Starts one with the WAR at a context path.
   *
   * @param context without its slash
   * @param settings in addition to those of tomcat-context.xml, by their names without the prefix
   */
  static DebianTomcat start(String cableUrl, String context, Map<String, String> settings) {
    Path home = home();
    try {
      Path base = ChildProcess.newDirectory("debian-tomcat");
      layOut(home, base, cableUrl, context);
      return new DebianTomcat(home, base, context, settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path home() {
    return Stream.of("tomcat11", "tomcat10")
        .map(name -> Path.of("/usr/share", name))
        .filter(path -> Files.exists(path.resolve("bin/catalina.sh")))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("This test needs a Tomcat: apt-get install tomcat11"));
  }

  private static void layOut(Path home, Path base, String cableUrl, String name)
      throws IOException {
    for (String folder : List.of("conf/Catalina/localhost", "logs", "temp", "webapps", "work")) {
      Files.createDirectories(base.resolve(folder));
    }
    try (Stream<Path> files = Files.list(home.resolve("etc"))) {
      for (Path file : files.toList()) {
        Files.copy(file, base.resolve("conf").resolve(file.getFileName()));
      }
    }
    replace(
        base.resolve("conf/server.xml"),
        "<Connector port=\"8080\"",
        "<Connector port=\"0\" address=\"127.0.0.1\"");
    replace(
        base.resolve("conf/server.xml"),
        "<Engine name=\"Catalina\"",
        "<Engine name=\"Catalina\" backgroundProcessorDelay=\"1\"");
    Files.copy(Bridge.WAR, base.resolve("webapps/" + name + ".war"));
    Path context = base.resolve("conf/Catalina/localhost/" + name + ".xml");
    Files.copy(Path.of("tomcat-context.xml"), context);
    replace(context, "ws://127.0.0.1:3000/cable", cableUrl);
  }

  private static void replace(Path file, String old, String with) throws IOException {
    String text = Files.readString(file);
    if (!text.contains(old)) {
      throw new AssertionError(file + " lacks " + old);
    }
    Files.writeString(file, text.replace(old, with));
  }

  private DebianTomcat(Path home, Path base, String context, Map<String, String> settings) {
    this.context = context;
    StringBuilder options = new StringBuilder("-ea:cablestream... -Xmx512m");
    options.append(" -Dcablestream.operator.token=").append(Bridge.OPERATOR_TOKEN);
    settings.forEach(
        (name, value) -> options.append(" -Dcablestream.").append(name).append('=').append(value));
    process =
        ChildProcess.start(
            base,
            Map.of(
                "CATALINA_HOME", home.toString(),
                "CATALINA_BASE", base.toString(),
                "JAVA_HOME", System.getProperty("java.home"),
                "CATALINA_OPTS", options.toString()),
            List.of(home.resolve("bin/catalina.sh").toString(), "run"));
    try {
      Pattern connector = Pattern.compile("Starting ProtocolHandler .*-(\\d+)\"");
      port = Integer.parseInt(process.await(0, connector, PATIENCE).group(1));
      process.await(0, Pattern.compile("Server startup in"), PATIENCE);
    } catch (AssertionError e) {
      process.close();
      throw e;
    }
  }

  int port() {
    return port;
  }

  /** A new visitor on a page of its own site. */
  Visitor visitor() {
    return Visitor.of(new Site(port, "/" + context));
  }

  /** Drains the bridge. */
  RawResponse drain() {
    return RawRequest.of("POST", port, "/" + context + "/-/drain")
        .header("Authorization", "Bearer " + Bridge.OPERATOR_TOKEN)
        .body("")
        .send();
  }

  /** Replaces the WAR, and returns when Tomcat has deployed the new one. */
  void redeploy() {
    int position = process.printed();
    Path war = process.directory().resolve("webapps/" + context + ".war");
    try {
      Path fresh = Files.copy(Bridge.WAR, war.resolveSibling("new"));
      Files.setLastModifiedTime(fresh, FileTime.from(Instant.now()));
      Files.move(fresh, war, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process.await(position, STARTED, PATIENCE);
  }

  String log() {
    return process.log();
  }

  @Override
  public void close() {
    process.close();
  }
}
