package cablestream.http;

import cablestream.cluster.Cluster;
import cablestream.echo.EchoTrials;
import cablestream.environment.Observer;
import cablestream.http.relay.Relays;
import cablestream.http.relay.ServedSessions;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.RequestBodies;
import cablestream.http.response.Responses;
import jakarta.servlet.ServletContext;

/**
 * What the filter and the servlets of sessions share.
 *
 * @param served the sessions that requests are for
 * @param trials the WebSockets of the page that tries a visitor's network
 * @param observer hears of requests that are refused
 * @param responses makes every response
 * @param bodies reads those of requests
 * @param cluster this node among the others; null where there is one bridge
 * @param relays what is handed on to them; null where there is one bridge
 */
public record BridgeContext(
    HttpSettings settings,
    ServedSessions served,
    EchoTrials trials,
    Observer observer,
    Responses responses,
    RequestBodies bodies,
    Cluster cluster,
    Relays relays) {
  /** Puts it where {@link #in} finds it. */
  public void publish(ServletContext context) {
    context.setAttribute(BridgeContext.class.getName(), this);
  }

  /** What Bootstrap has published before any filter or servlet was made. */
  static BridgeContext in(ServletContext context) {
    return (BridgeContext) context.getAttribute(BridgeContext.class.getName());
  }
}
