package cablestream.demo;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.util.EnumSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the demonstration server into the web application, beside the bridge, unless the bridge is
 * told to use another ActionCable server. Only the descriptor that {@code mvn jetty:run} adds names
 * this listener; web.xml is complete in itself, so nothing here is found by scanning.
 */
public final class DemoListener implements ServletContextListener {
  /** Where the server's WebSocket endpoint is, below the context path. */
  static final String PATH = "/-/demo/cable";

  private static final Logger LOG = LoggerFactory.getLogger(DemoListener.class);

  /**
   * What the descriptor that names this listener sets, and everything else that is set overrides.
   */
  private static final String TOKEN = "cablestream.operator.token";

  private DemoServer server;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    tellHowToOperate(event.getServletContext());
    String cable = System.getProperty("cablestream.cable.url", PATH);
    if (!cable.contains(PATH)) {
      return;
    }
    server = new DemoServer();
    register(event.getServletContext());
    LOG.info("demonstration ActionCable server: {}, channels: {}", cable, DemoChannels.names());
  }

  private static void tellHowToOperate(ServletContext context) {
    String token = context.getInitParameter(TOKEN);
    boolean given =
        System.getProperty(TOKEN) != null || System.getenv("CABLESTREAM_OPERATOR_TOKEN") != null;
    if (token != null) {
      LOG.info(
          "the operator's page: http://localhost:{}{}/-/status, its token: {}",
          System.getProperty("jetty.http.port"),
          context.getContextPath(),
          given ? "the one that you have given" : token);
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (server != null) {
      server.stop();
    }
  }

  private void register(ServletContext context) {
    var container = (ServerContainer) context.getAttribute(ServerContainer.class.getName());
    try {
      container.addEndpoint(DemoEndpoint.configuration(PATH, server));
    } catch (DeploymentException e) {
      throw new IllegalStateException("no endpoint at " + PATH, e);
    }
    context
        .addFilter("demo-same-origin", new SameOriginFilter())
        .addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, PATH);
    context.addServlet("demo-presets", new PresetsServlet()).addMapping(PresetsServlet.PATH);
  }
}
