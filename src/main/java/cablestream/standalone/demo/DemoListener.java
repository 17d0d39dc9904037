package cablestream.standalone.demo;

import cablestream.Bootstrap;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds the demonstration server to the web application, beside the bridge, unless the settings name
 * another Action Cable server. Only the descriptor that {@code mvn jetty:run} adds names this
 * listener; web.xml is complete in itself, so nothing here is found by scanning.
 */
public final class DemoListener implements ServletContextListener {
  /** The path of the server's WebSocket endpoint, below the context path. */
  public static final String PATH = "/-/demo/cable";

  /** The servlet context's attribute with the {@link Hop} through which all requests pass. */
  public static final String HOP = "cablestream.demo.hop";

  private static final Logger LOG = LoggerFactory.getLogger(DemoListener.class);

  /** The default, set by the descriptor that names this listener. */
  public static final String TOKEN = "cablestream.operator.token";

  /** Publicly known. */
  public static final String KNOWN_TOKEN = "demonstration-only";

  private DemoServer server;
  private Hop hop;

  /** Null if every request passes through a hop already. */
  private Hop ownHop;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    logOperatorPage(event.getServletContext());
    String cable = System.getProperty("cablestream.cable.url", PATH);
    if (!cable.contains(PATH)) {
      return;
    }
    server = new DemoServer();
    if (event.getServletContext().getAttribute(HOP) instanceof Hop given) {
      hop = given;
    } else {
      ownHop = hopBeside(Integer.getInteger(Bootstrap.PORT, 0));
      hop = ownHop;
    }
    register(event.getServletContext());
    LOG.info(
        "demonstration Action Cable server: {}, channels: {}",
        cable,
        DemoChannels.BY_NAME.keySet());
  }

  private static void logOperatorPage(ServletContext context) {
    String token = context.getInitParameter(TOKEN);
    boolean given =
        System.getProperty(TOKEN) != null || System.getenv("CABLESTREAM_OPERATOR_TOKEN") != null;
    if (token != null) {
      String base =
          "http://localhost:%s%s/"
              .formatted(System.getProperty(Bootstrap.PORT), context.getContextPath());
      LOG.info(
          "console: {}, pull the plug: {}-/demo, status: {}-/status, token: {}",
          base,
          base,
          base,
          given ? "as given" : token);
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (server != null) {
      server.stop();
    }
    if (ownHop != null) {
      ownHop.close();
    }
  }

  /** For the page alone, reachable from this machine's browsers. */
  private static Hop hopBeside(int port) {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try {
      return new Hop(new InetSocketAddress(loopback, 0), new InetSocketAddress(loopback, port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void register(ServletContext context) {
    var container = (ServerContainer) context.getAttribute(ServerContainer.class.getName());
    try {
      container.addEndpoint(DemoConnection.endpoint(PATH, server, DemoChannels.BY_NAME));
    } catch (DeploymentException e) {
      throw new IllegalStateException("no endpoint at " + PATH, e);
    }
    context
        .addFilter("demo-same-origin", new SameOriginFilter(server))
        .addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, PATH);
    context
        .addServlet("demo-page", new DemoPageServlet(server, hop, ownHop == null ? 0 : hop.port()))
        .addMapping(DemoPageServlet.PATH + "/*", DemoPageServlet.PRESETS);
  }
}
