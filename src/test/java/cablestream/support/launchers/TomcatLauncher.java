package cablestream.support.launchers;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.ThreadLocalLeakPreventionListener;
import org.apache.catalina.startup.Tomcat;

/**
 * Tomcat 10.1 or 11. Its arguments are WAR, PORT and CONTEXT-PATH. The working directory is
 * Tomcat's base.
 */
final class TomcatLauncher extends Launcher {
  private static final String CONNECTOR = "connector.";

  private final Tomcat tomcat = new TomcatWithoutJsp();
  private final Path war;
  private final String contextPath;
  private Connector connector;
  private Context context;

  public static void main(String[] arguments) throws Exception {
    new TomcatLauncher(Path.of(arguments[0]), arguments[2]).run(Integer.parseInt(arguments[1]));
  }

  private TomcatLauncher(Path war, String contextPath) {
    this.war = war;
    this.contextPath = contextPath.equals("/") ? "" : contextPath;
  }

  @Override
  void start() throws Exception {
    Files.createDirectories(Path.of("webapps"));
    tomcat.setBaseDir(".");
    connector = tomcat.getConnector();
    tomcat.getService().removeConnector(connector);
    tomcat.getHost();
    // As in Tomcat's own server.xml: a thread that was started while a web application was on its
    // creator's stack holds the application's class loader, and is replaced when that stops.
    tomcat.getServer().addLifecycleListener(new ThreadLocalLeakPreventionListener());
    tomcat.start();
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
  }

  @Override
  int listen(int port) {
    connector.setPort(port);
    connector.setProperty("address", "127.0.0.1");
    setConnectorProperties();
    tomcat.getService().addConnector(connector); // which starts it
    return connector.getLocalPort();
  }

  /** {@code -Dconnector.NAME=VALUE} sets an attribute of server.xml's Connector. */
  private void setConnectorProperties() {
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith(CONNECTOR)
          && !connector.setProperty(name.substring(CONNECTOR.length()), System.getProperty(name))) {
        throw new IllegalArgumentException(name);
      }
    }
  }

  @Override
  ClassLoader deploy() {
    context = tomcat.addWebapp(contextPath, war.toString());
    return context.getState().isAvailable() ? context.getLoader().getClassLoader() : null;
  }

  @Override
  void undeploy() {
    // Removing a child stops and destroys it.
    tomcat.getHost().removeChild(context);
    context = null;
  }

  private void stop() {
    try {
      tomcat.stop();
    } catch (LifecycleException e) {
      e.printStackTrace();
    }
  }

  /**
   * An embedded Tomcat with its defaults, but without the servlet for JSP, whose jar is missing.
   */
  private static final class TomcatWithoutJsp extends Tomcat {
    @Override
    public LifecycleListener getDefaultWebXmlListener() {
      return event -> {
        if (event.getType().equals(Lifecycle.BEFORE_START_EVENT)) {
          Context context = (Context) event.getLifecycle();
          initWebappDefaults(context);
          context.removeServletMapping("*.jsp");
          context.removeServletMapping("*.jspx");
          context.removeChild(context.findChild("jsp"));
        }
      };
    }
  }
}
