import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.xml.XmlConfiguration;

/**
 * Jetty 12.1 with one WAR, in a process of its own: {@code java -cp
 * 'target/containers/jetty-ee10/*' JettyLauncher.java WAR PORT CONTEXT-PATH ee10}, run from its
 * source, as no class path could hold all the containers. A fifth argument is a context file, which
 * then says where the WAR is and its context path.
 *
 * <p>It takes commands on its standard input, one a line, and answers each by a line that starts
 * with {@code >}; it stops when that input ends, or at SIGTERM. The log goes to standard error.
 */
class JettyLauncher {
  // As Jetty's own start calls them.
  private static final String HEADER_CACHE = "jetty.httpConfig.headerCacheSize";
  private static final String THREADS = "jetty.threadPool.maxThreads";
  private static final String HOST = "jetty.http.host";
  private static final String BACKLOG = "jetty.http.acceptQueueSize";
  private static final String SEND_BUFFER = "jetty.http.acceptedSendBufferSize";

  private final Server server = new Server(new QueuedThreadPool(Integer.getInteger(THREADS, 200)));
  private final ServerConnector connector = new ServerConnector(server);
  private final ContextHandlerCollection contexts = new ContextHandlerCollection(true);
  private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
  private final String[] arguments;
  private ContextHandler context;

  public static void main(String[] arguments) throws Exception {
    JettyLauncher launcher = new JettyLauncher(arguments);
    launcher.start(Integer.parseInt(arguments[1]));
    launcher.obey();
    System.exit(0);
  }

  JettyLauncher(String[] arguments) {
    this.arguments = arguments;
  }

  void start(int port) throws Exception {
    connector.setHost(System.getProperty(HOST, "127.0.0.1"));
    connector.setPort(port);
    connector.setAcceptQueueSize(Integer.getInteger(BACKLOG, 0));
    connector.setAcceptedSendBufferSize(Integer.getInteger(SEND_BUFFER, -1));
    HttpConfiguration http =
        connector.getConnectionFactory(HttpConnectionFactory.class).getHttpConfiguration();
    http.setHeaderCacheSize(Integer.getInteger(HEADER_CACHE, http.getHeaderCacheSize()));
    server.addConnector(connector);
    server.setHandler(contexts);
    server.setStopAtShutdown(true);
    server.start();
    answer(deploy() + " " + connector.getLocalPort());
  }

  void obey() throws Exception {
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

  private String deploy() throws Exception {
    // Of ee10's and ee11's classes only the names differ.
    Class<?> type = Class.forName("org.eclipse.jetty." + arguments[3] + ".webapp.WebAppContext");
    context = (ContextHandler) type.getConstructor().newInstance();
    // As Jetty's own deployer does; otherwise an application that can't start counts as started.
    type.getMethod("setThrowUnavailableOnStartupException", boolean.class).invoke(context, true);
    if (arguments.length > 4) {
      new XmlConfiguration(ResourceFactory.root().newResource(arguments[4])).configure(context);
    } else {
      type.getMethod("setWar", String.class).invoke(context, arguments[0]);
      context.setContextPath(arguments[2]);
    }
    contexts.addHandler(context);
    try {
      context.start();
    } catch (Exception e) {
      e.printStackTrace();
      return "failed";
    }
    loaders.add(new WeakReference<>(context.getClassLoader()));
    return "deployed";
  }

  private String undeploy() throws Exception {
    context.stop();
    contexts.removeHandler(context);
    context.destroy();
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
}
