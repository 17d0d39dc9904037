package cablestream.support.containers;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The containers that the WAR supports. {@code mvn verify} copies their jars to target/containers
 * before the integration tests.
 */
public enum Container {
  TOMCAT10("tomcat10"),
  TOMCAT11("tomcat11"),
  JETTY_EE10("jetty-ee10"),
  JETTY_EE11("jetty-ee11");

  private static final Path LAUNCHERS = Path.of("target", "launchers");

  private final String folder;

  Container(String folder) {
    this.folder = folder;
  }

  public boolean isTomcat() {
    return folder.startsWith("tomcat");
  }

  /**
   * The command that starts it.
   *
   * @param options of the virtual machine
   * @param port 0 for a free one
   */
  List<String> command(List<String> options, Path war, int port, String contextPath) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    Path jars = Path.of("target", "containers", folder).toAbsolutePath();
    command.add(jars + "/*" + File.pathSeparator + LAUNCHERS.toAbsolutePath());
    command.add("cablestream.support.launchers." + (isTomcat() ? "Tomcat" : "Jetty") + "Launcher");
    command.addAll(List.of(war.toAbsolutePath().toString(), "" + port, contextPath));
    if (!isTomcat()) {
      command.add(folder.substring("jetty-".length()));
    }
    return command;
  }

  @Override
  public String toString() {
    return folder;
  }
}
