package cablestream.http;

import cablestream.cluster.Cluster;
import cablestream.http.relay.Relays;
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
 * @param cluster this node among the others; null for a single bridge
 * @param relays relays requests to other nodes; null for a single bridge
 */
public record BridgeContext(
    HttpSettings settings,
    ServedSessions served,
    Responses responses,
    RequestBodies bodies,
    Cluster cluster,
    Relays relays) {
  /** Stores it where {@link #in} finds it. */
  public void publish(ServletContext context) {
    context.setAttribute(BridgeContext.class.getName(), this);
  }

  /** The context that Bootstrap published before any filter or servlet was made. */
  static BridgeContext in(ServletContext context) {
    return (BridgeContext) context.getAttribute(BridgeContext.class.getName());
  }
}
