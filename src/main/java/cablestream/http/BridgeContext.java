package cablestream.http;

import cablestream.cluster.Nodes;
import cablestream.concurrent.Timers;
import cablestream.echo.EchoTrials;
import cablestream.environment.Observer;
import cablestream.memory.Account;
import cablestream.metrics.Exposition;
import cablestream.session.SessionManager;
import jakarta.servlet.ServletContext;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What the filter and the servlets of one web application share.
 *
 * @param echo sessions that lead nowhere, for the page that tries a visitor's network; null where
 *     that is off
 * @param trials what their WebSockets are, there
 * @param observer hears of requests that are refused
 * @param exposition what has been counted
 * @param deployment what runs, and how it is set
 * @param timers for bodies that come too slowly
 * @param pool runs what a timer has set off
 * @param stall how long a client may take nothing of an answer
 * @param account what is held for others
 * @param largeBodies logs what is refused for its size
 * @param nodes the others, if there are any
 * @param relays what is handed on to them
 * @param warmUp sessions for the requests that the process makes of itself at its start; gives null
 *     once that is over, and where it makes none
 */
public record BridgeContext(
    HttpSettings settings,
    SessionManager sessions,
    SessionManager echo,
    EchoTrials trials,
    Observer observer,
    Exposition exposition,
    Deployment deployment,
    Timers timers,
    Executor pool,
    Duration stall,
    Account account,
    LargeBodies largeBodies,
    Nodes nodes,
    Relays relays,
    Supplier<SessionManager> warmUp) {
  /** Where a container that has the WebSocket API puts it (Jakarta WebSocket 2.1, 6.4). */
  private static final String WEBSOCKET_API = "jakarta.websocket.server.ServerContainer";

  /** A WebSocket that leads nowhere, below the context path. */
  public static final String ECHO_CABLE = "/-/echo/cable";

  /**
   * Puts it where {@link #in} finds it, and whatever else has to be there before the first request.
   */
  public void publish(ServletContext context) {
    context.setAttribute(BridgeContext.class.getName(), this);
    // The class names the API, so it must not even be loaded where the container has none.
    if (echo != null && hasWebSockets(context)) {
      EchoEndpoint.register(context.getAttribute(WEBSOCKET_API), trials, pool);
    }
  }

  /** What makes every response. */
  Responses responses() {
    return new Responses(timers, pool, stall, account);
  }

  /** Whether the container has the WebSocket API, which a servlet container needn't. */
  static boolean hasWebSockets(ServletContext context) {
    return context.getAttribute(WEBSOCKET_API) != null;
  }

  /** What Bootstrap has published before any filter or servlet was made. */
  static BridgeContext in(ServletContext context) {
    return (BridgeContext) context.getAttribute(BridgeContext.class.getName());
  }
}
