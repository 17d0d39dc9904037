package cablestream.http.pages;

import cablestream.browser.Refusal;
import cablestream.echo.EchoTrials;
import cablestream.http.request.Forwarding;
import cablestream.http.request.HttpSettings;
import cablestream.http.request.Origins;
import cablestream.http.response.Replies;
import cablestream.http.response.Responses;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Pattern;

/** Everything but sessions: the console, and the pages below {@code /-/}. */
public final class Pages {
  /** The path of a WebSocket without a server, below the context path. */
  public static final String ECHO_CABLE = "/-/echo/cable";

  /**
   * The attribute in which a container with the optional WebSocket API stores it (Jakarta WebSocket
   * 2.1, 6.4).
   */
  private static final String WEBSOCKET_API = "jakarta.websocket.server.ServerContainer";

  private static final String BELOW = "/-/";

  /**
   * Segments that a container may read as another path: empty and dotted segments, parameters,
   * escapes. Such a path may lead elsewhere (the main class of java -jar is beside the pages), or
   * past a proxy that blocks operators' paths by their text.
   */
  private static final Pattern NON_CANONICAL = Pattern.compile("//|/\\.\\.?(/|$)|[;%\\\\]");

  /** The prefix of the console's files. */
  private static final String CONSOLE = "/-/console";

  static final String DIAGNOSIS = "/-/diagnosis";

  /** The refusal if a path leads nowhere. */
  public static final Refusal NOTHING = new Refusal(404, "there is nothing here");

  /** Tells the diagnosis page that a failed WebSocket doesn't depend on the network. */
  private static final Refusal NO_WEBSOCKETS =
      new Refusal(501, "this server can't test WebSockets: its container has no jakarta.websocket");

  private static final Refusal TOO_MANY_TRIALS =
      new Refusal(429, "too many trials from this address at once", 60);

  /** No content of other origins, nothing inline, and no framing. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final HttpSettings settings;
  private final Responses responses;

  /** The container's WebSocket API; null for none. */
  private final Object webSockets;

  /** The context path as configured, and as a browser encodes it. */
  private final List<String> contextPaths;

  private final EchoTrials trials;

  /**
   * @param context of the web application; shows whether the container has the WebSocket API
   */
  public Pages(ServletContext context) {
    PageContext shared = PageContext.in(context);
    this.settings = shared.settings();
    this.responses = shared.responses();
    this.trials = shared.trials();
    this.webSockets = context.getAttribute(WEBSOCKET_API);
    this.contextPaths = List.of(context.getContextPath(), encoded(context.getContextPath()));
  }

  /** Whether the path below the context path belongs to no session. */
  public static boolean isPage(String path) {
    return isConsole(path) || path.startsWith(BELOW);
  }

  public void serve(
      String path, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (isHidden(path) || !contextPaths.contains(request.getContextPath())) {
      Replies.refuse(NOTHING, responses.start(request, response));
      return;
    }
    if (path.equals(ECHO_CABLE)) {
      serveTrial(request, response);
      return;
    }
    response.setHeader(
        "Content-Security-Policy",
        path.startsWith(DIAGNOSIS) ? diagnosisPolicy(request.getHeader("Host")) : POLICY);
    // Without Sec-Fetch-Site, the Referer shows the console's origin.
    response.setHeader("Referrer-Policy", "same-origin");
    response.setHeader("Cache-Control", "no-cache");
    chain.doFilter(request, response);
  }

  private void serveTrial(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String network = Forwarding.of(request, settings.trustedProxies()).network();
    if (webSockets == null) {
      Replies.refuse(NO_WEBSOCKETS, responses.start(request, response));
    } else if (!trials.admits(network)) {
      // Also for a plain GET: a page can't see the status of its WebSocket's upgrade.
      Replies.refuse(TOO_MANY_TRIALS, responses.start(request, response));
    } else if ("websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      // The class uses the API, so it must not be loaded if the container has none.
      EchoEndpoint.upgrade(webSockets, trials, responses.pool(), network, request, response);
    } else {
      Replies.refuse(NOTHING, responses.start(request, response));
    }
  }

  /** Some browsers don't count a WebSocket to the page's own host as 'self'. */
  private String diagnosisPolicy(String host) {
    StringBuilder connect = new StringBuilder("connect-src 'self'");
    if (host != null && Origins.isHost(host)) {
      connect.append(" ws://").append(host).append(" wss://").append(host);
    }
    settings.pages().diagnosis().webSockets().forEach(origin -> connect.append(' ').append(origin));
    String logo = settings.pages().diagnosis().logo();
    String images = logo == null || logo.startsWith("/") ? "" : " " + logo;
    return POLICY
        .replace("connect-src 'self'", connect)
        .replace("img-src 'self'", "img-src 'self'" + images);
  }

  private boolean isHidden(String path) {
    return (isConsole(path) || path.startsWith(CONSOLE)) && !settings.pages().console()
        || (path.startsWith(DIAGNOSIS) || path.equals(ECHO_CABLE))
            && !settings.pages().diagnosis().served()
        || path.startsWith(BELOW) && NON_CANONICAL.matcher(path).find();
  }

  private static String encoded(String path) {
    try {
      return new URI(null, null, path, null).toASCIIString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isConsole(String path) {
    return path.isEmpty() || path.equals("/") || path.equals("/index.html");
  }
}
