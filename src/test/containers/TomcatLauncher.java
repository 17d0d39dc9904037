import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.core.ThreadLocalLeakPreventionListener;
import org.apache.catalina.startup.Tomcat;

/**
 * Tomcat 10.1 or 11 with one WAR, in a process of its own: {@code java -cp
 * 'target/containers/tomcat11/*' TomcatLauncher.java WAR PORT CONTEXT-PATH}, run from its source,
 * as no class path could hold all the containers. The working directory is Tomcat's base.
 *
 * <p>It takes commands on its standard input, one a line, and answers each by a line that starts
 * with {@code >}; it stops when that input ends, or at SIGTERM. The log goes to standard error.
 */
class TomcatLauncher {
  private static final String CONNECTOR = "connector.";

  private final Tomcat tomcat = new TomcatWithoutJsp();
  private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
  private final Path war;
  private final String contextPath;
  private Context context;

  public static void main(String[] arguments) throws Exception {
    TomcatLauncher launcher = new TomcatLauncher(Path.of(arguments[0]), arguments[2]);
    launcher.start(Integer.parseInt(arguments[1]));
    launcher.obey();
    System.exit(0);
  }

  TomcatLauncher(Path war, String contextPath) {
    this.war = war;
    this.contextPath = contextPath.equals("/") ? "" : contextPath;
  }

  void start(int port) throws Exception {
    Files.createDirectories(Path.of("webapps"));
    tomcat.setBaseDir(".");
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    setConnectorProperties();
    tomcat.getHost();
    // As in Tomcat's own server.xml: threads begun while a web application was on their creator's
    // stack hold its class loader, and are replaced when it stops.
    tomcat.getServer().addLifecycleListener(new ThreadLocalLeakPreventionListener());
    tomcat.start();
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
    answer(deploy() + " " + tomcat.getConnector().getLocalPort());
  }

  /** {@code -Dconnector.NAME=VALUE} is what an attribute of server.xml's Connector would be. */
  private void setConnectorProperties() {
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith(CONNECTOR)
          && !tomcat
              .getConnector()
              .setProperty(name.substring(CONNECTOR.length()), System.getProperty(name))) {
        throw new IllegalArgumentException(name);
      }
    }
  }

  void obey() throws IOException {
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      answer(
          switch (line) {
            case "deploy" -> deploy();
            case "undeploy" -> undeploy();
            case "loaders" -> reachableLoaders();
            case "heap" -> heap();
            case "threads" ->
                Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .collect(Collectors.joining("|"));
            default -> "unknown";
          });
    }
  }

  private String deploy() {
    context = tomcat.addWebapp(contextPath, war.toString());
    if (!context.getState().isAvailable()) {
      return "failed";
    }
    loaders.add(new WeakReference<>(context.getLoader().getClassLoader()));
    return "deployed";
  }

  private String undeploy() {
    // Removing a child stops and destroys it.
    tomcat.getHost().removeChild(context);
    context = null;
    return "undeployed";
  }

  /** Which deployments' class loaders a full collection leaves, the first being 1. */
  private String reachableLoaders() {
    System.gc();
    return IntStream.rangeClosed(1, loaders.size())
        .filter(deployment -> loaders.get(deployment - 1).get() != null)
        .mapToObj(String::valueOf)
        .collect(Collectors.joining(" "));
  }

  private void stop() {
    try {
      tomcat.stop();
    } catch (Exception e) {
      e.printStackTrace();
    }
  }

  /** KiB in use after a collection: of the heap, and of buffers outside of it. */
  private static String heap() {
    System.gc();
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return heap / 1_024 + " " + direct / 1_024;
  }

  private static void answer(String line) {
    System.out.println("> " + line);
  }

  /** What an embedded Tomcat is by default, less the servlet for JSP, whose jar isn't there. */
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
