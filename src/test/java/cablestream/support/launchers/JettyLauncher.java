package cablestream.support.launchers;

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
 * Jetty 12.1. Its arguments are WAR, PORT, CONTEXT-PATH and {@code ee10} or {@code ee11}. A fifth
 * argument is a context file, which then sets the WAR and the context path.
 */
final class JettyLauncher extends Launcher {
  // The names that Jetty's own start uses.
  private static final String HEADER_CACHE = "jetty.httpConfig.headerCacheSize";
  private static final String THREADS = "jetty.threadPool.maxThreads";
  private static final String HOST = "jetty.http.host";
  private static final String BACKLOG = "jetty.http.acceptQueueSize";
  private static final String SEND_BUFFER = "jetty.http.acceptedSendBufferSize";

  private final Server server = new Server(new QueuedThreadPool(Integer.getInteger(THREADS, 200)));
  private final ServerConnector connector = new ServerConnector(server);
  private final ContextHandlerCollection contexts = new ContextHandlerCollection(true);
  private final String[] arguments;
  private ContextHandler context;

  public static void main(String[] arguments) throws Exception {
    new JettyLauncher(arguments).run(Integer.parseInt(arguments[1]));
  }

  private JettyLauncher(String[] arguments) {
    this.arguments = arguments;
  }

  @Override
  void start() throws Exception {
    server.setHandler(contexts);
    server.setStopAtShutdown(true);
    server.start();
  }

  @Override
  int listen(int port) throws Exception {
    connector.setHost(System.getProperty(HOST, "127.0.0.1"));
    connector.setPort(port);
    connector.setAcceptQueueSize(Integer.getInteger(BACKLOG, 0));
    connector.setAcceptedSendBufferSize(Integer.getInteger(SEND_BUFFER, -1));
    HttpConfiguration http =
        connector.getConnectionFactory(HttpConnectionFactory.class).getHttpConfiguration();
    http.setHeaderCacheSize(Integer.getInteger(HEADER_CACHE, http.getHeaderCacheSize()));
    server.addConnector(connector);
    connector.start();
    return connector.getLocalPort();
  }

  @Override
  ClassLoader deploy() throws Exception {
    // The classes of ee10 and ee11 differ only in their names.
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
      return null;
    }
    return context.getClassLoader();
  }

  @Override
  void undeploy() throws Exception {
    context.stop();
    contexts.removeHandler(context);
    context.destroy();
    context = null;
  }
}
