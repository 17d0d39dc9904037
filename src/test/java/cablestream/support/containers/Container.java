package cablestream.support.containers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The containers that the WAR is made for. Their jars are put under target/containers by {@code mvn
 * verify} before the integration tests.
 */
public enum Container {
  TOMCAT10("tomcat10", "TomcatLauncher"),
  TOMCAT11("tomcat11", "TomcatLauncher"),
  JETTY_EE10("jetty-ee10", "JettyLauncher"),
  JETTY_EE11("jetty-ee11", "JettyLauncher");

  private final String folder;
  private final String launcher;

  Container(String folder, String launcher) {
    this.folder = folder;
    this.launcher = launcher;
  }

  public boolean isTomcat() {
    return launcher.equals("TomcatLauncher");
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
    command.add(Path.of("target", "containers", folder).toAbsolutePath() + "/*");
    command.add(Path.of("src/test/containers", launcher + ".java").toAbsolutePath().toString());
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
