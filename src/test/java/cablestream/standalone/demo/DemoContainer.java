package cablestream.standalone.demo;

import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/** The demonstration server alone, in an embedded Jetty on a free port, and clients for it. */
final class DemoContainer {
  private final Server server = new Server(0);
  private final WebSocketClient client = new WebSocketClient();

  DemoContainer() throws Exception {
    ServletContextHandler context = new ServletContextHandler("/");
    JakartaWebSocketServletContainerInitializer.configure(context, null);
    context.addEventListener(new DemoListener());
    server.setHandler(context);
    server.start();
    client.setMaxTextMessageSize(0);
    client.start();
  }

  void stop() throws Exception {
    client.stop();
    server.stop();
  }

  String origin() {
    return "http://127.0.0.1:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort();
  }

  DemoClient connect(String query) throws Exception {
    return connect(query, origin());
  }

  DemoClient connect(String query, String origin) throws Exception {
    DemoClient listener = new DemoClient();
    URI uri = URI.create(origin().replace("http", "ws") + DemoListener.PATH + query);
    ClientUpgradeRequest request = new ClientUpgradeRequest(uri);
    request.setSubProtocols("actioncable-v1-json", "actioncable-unsupported");
    request.setHeader("Cookie", "session=hush; theme=hush");
    request.setHeader("Authorization", "Bearer hush");
    if (origin != null) {
      request.setHeader("Origin", origin);
    }
    client.connect(listener, request).get(10, TimeUnit.SECONDS);
    return listener;
  }
}
