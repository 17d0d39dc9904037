package cablestream.bench.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The containers in which the WAR is measured, with the flags that the documentation recommends.
 */
public enum MeasuredContainer {
  /** Jetty 12.1, ee11. */
  JETTY("jetty", "jetty-ee11", "JettyLauncher", "ee11"),
  /** Tomcat 11 with the connector settings that the documentation recommends. */
  TOMCAT("tomcat", "tomcat11", "TomcatLauncher"),
  /** Tomcat 11 with its defaults. */
  TOMCAT_STOCK("tomcat-stock", "tomcat11", "TomcatLauncher");

  /** Those of src/deploy, with a fixed heap, so that sessions' memory is comparable. */
  private static final List<String> FLAGS = List.of("-Xmx1g", "-XX:+UseParallelGC", "-Xmn64m");

  /** For such a small heap the default would be 2,048. */
  private static final List<String> SETTINGS = List.of("-Dcablestream.max-sessions=20000");

  /** As in start.d/http.ini; src/deploy/jetty/cablestream.xml explains it. */
  private static final List<String> HTTP_INI = List.of("-Djetty.httpConfig.headerCacheSize=0");

  /**
   * Attributes of server.xml's Connector: a stream keeps its connection's buffers while it lives,
   * and needs little of them.
   */
  private static final List<String> CONNECTOR =
      List.of(
          "-Dconnector.socket.appReadBufSize=2048",
          "-Dconnector.socket.appWriteBufSize=2048",
          "-Dconnector.maxHttpResponseHeaderSize=2048");

  private static final Path WAR = Path.of("target", "cablestream.war");
  private static final Path LAUNCHERS = Path.of("target", "launchers");

  private final String key;
  private final String folder;
  private final String launcher;
  private final List<String> arguments;

  MeasuredContainer(String key, String folder, String launcher, String... arguments) {
    this.key = key;
    this.folder = folder;
    this.launcher = launcher;
    this.arguments = List.of(arguments);
  }

  /** Its name on the command line and in the results. */
  public String key() {
    return key;
  }

  /** The container of that name. */
  public static MeasuredContainer of(String key) {
    return Stream.of(values())
        .filter(container -> container.key.equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no container is called " + key));
  }

  /** The documented flags of the virtual machine and settings. */
  public List<String> flags() {
    List<String> flags = new ArrayList<>(FLAGS);
    switch (this) {
      case JETTY -> flags.addAll(HTTP_INI);
      case TOMCAT -> flags.addAll(CONNECTOR);
      case TOMCAT_STOCK -> {}
    }
    return flags;
  }

  /** The command that starts it. @param port 0 for any free one */
  List<String> command(int port, URI cable, List<String> moreFlags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags());
    command.addAll(SETTINGS);
    command.add("-Dcablestream.cable.url=" + cable);
    command.addAll(moreFlags);
    command.addAll(
        List.of(
            "-cp",
            LAUNCHERS.toAbsolutePath() + ":" + classPath(),
            "cablestream.support.launchers." + launcher));
    command.addAll(
        List.of(
            WAR.toAbsolutePath().toString(), Integer.toString(port), BridgeProcess.CONTEXT_PATH));
    command.addAll(arguments);
    return command;
  }

  /** Its jars. */
  private String classPath() {
    try (Stream<Path> jars = Files.list(Path.of("target", "containers", folder))) {
      return jars.map(jar -> jar.toAbsolutePath().toString()).collect(Collectors.joining(":"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
