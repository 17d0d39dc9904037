package cablestream.support.webapp;

import java.nio.file.Path;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

final class JettyHost implements WebApplication.Host {
  private final Server server = new Server(new QueuedThreadPool(16, 4));
  private final ServerConnector connector = new ServerConnector(server, 1, 1);

  JettyHost(Path folder) throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    WebAppContext context = new WebAppContext(folder.toUri().toString(), WebApplication.BASE);
    context.setClassLoader(getClass().getClassLoader());
    context.setThrowUnavailableOnStartupException(true);
    server.setHandler(context);
    try {
      server.start();
    } catch (Exception e) {
      server.stop();
      throw e;
    }
  }

  @Override
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }
}
