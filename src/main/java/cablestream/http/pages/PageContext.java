package cablestream.http.pages;

import cablestream.cluster.Cluster;
import cablestream.echo.EchoTrials;
import cablestream.http.request.HttpSettings;
import cablestream.http.response.Responses;
import cablestream.metrics.Exposition;
import cablestream.session.SessionManager;
import jakarta.servlet.ServletContext;
import java.util.function.BooleanSupplier;

/**
 * What the servlets of all pages share.
 *
 * @param exposition the metrics
 * @param deployment what is deployed, and its settings
 * @param trials the WebSockets of the page that tests a visitor's network
 * @param cluster this node among the others; null for a single bridge
 * @param warmingUp whether the process warms up, so that browsers should use another node
 * @param responses makes every response
 */
public record PageContext(
    HttpSettings settings,
    SessionManager sessions,
    Exposition exposition,
    Deployment deployment,
    EchoTrials trials,
    Cluster cluster,
    BooleanSupplier warmingUp,
    Responses responses) {
  /** Stores it where {@link #in} finds it. */
  public void publish(ServletContext context) {
    context.setAttribute(PageContext.class.getName(), this);
  }

  /** The context that Bootstrap published before any servlet was made. */
  static PageContext in(ServletContext context) {
    return (PageContext) context.getAttribute(PageContext.class.getName());
  }
}
