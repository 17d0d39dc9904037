package cablestream.http.pages;

import cablestream.cluster.Cluster;
import cablestream.concurrent.Timers;
import cablestream.http.request.HttpSettings;
import cablestream.http.response.Responses;
import cablestream.metrics.Exposition;
import cablestream.session.SessionManager;
import jakarta.servlet.ServletContext;
import java.util.function.BooleanSupplier;

/**
 * What the servlets of all pages share.
 *
 * @param exposition what has been counted
 * @param deployment what runs, and how it is set
 * @param timers whether they run tells whether the bridge does
 * @param cluster this node among the others; null where there is one bridge
 * @param warmingUp whether the process warms up, so that browsers should go to another node
 * @param responses makes every response
 */
public record PageContext(
    HttpSettings settings,
    SessionManager sessions,
    Exposition exposition,
    Deployment deployment,
    Timers timers,
    Cluster cluster,
    BooleanSupplier warmingUp,
    Responses responses) {
  /** Puts it where {@link #in} finds it. */
  public void publish(ServletContext context) {
    context.setAttribute(PageContext.class.getName(), this);
  }

  /** What Bootstrap has published before any servlet was made. */
  static PageContext in(ServletContext context) {
    return (PageContext) context.getAttribute(PageContext.class.getName());
  }
}
