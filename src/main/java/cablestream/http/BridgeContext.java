package cablestream.http;

import cablestream.http.relay.NodeRouter;
import cablestream.http.relay.ServedSessions;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.RequestBodies;
import cablestream.http.response.Responses;
import jakarta.servlet.ServletContext;

/**
 * What the filter and the servlets of sessions share.
 *
 * @param served the session managers of requests
 * @param responses makes every response
 * @param bodies reads the bodies of requests
 * @param nodeRouter brings requests to the node that has their session
 */
public record BridgeContext(
    HttpSettings settings,
    ServedSessions served,
    Responses responses,
    RequestBodies bodies,
    NodeRouter nodeRouter) {
  /** Stores it where {@link #in} finds it. */
  public void publish(ServletContext context) {
    context.setAttribute(BridgeContext.class.getName(), this);
  }

  /** The context that Bootstrap published before any filter or servlet was made. */
  static BridgeContext in(ServletContext context) {
    return (BridgeContext) context.getAttribute(BridgeContext.class.getName());
  }
}
