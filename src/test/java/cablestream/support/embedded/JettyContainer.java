package cablestream.support.embedded;

import jakarta.servlet.ServletContext;
import java.time.Duration;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

final class JettyContainer implements EmbeddedContainer {
  private final Server server;
  private final ServerConnector connector;

  JettyContainer(Duration idle, Consumer<ServletContext> application) throws Exception {
    QueuedThreadPool threads = new QueuedThreadPool(20, 4);
    threads.setName("jetty");
    server = new Server(threads);
    connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(idle.toMillis());
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    context.setContextPath("/");
    context.addServletContainerInitializer((classes, servlets) -> application.accept(servlets));
    server.setHandler(context);
    server.start();
  }

  @Override
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
