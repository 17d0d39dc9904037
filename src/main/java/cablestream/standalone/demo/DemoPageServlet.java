package cablestream.standalone.demo;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;

/**
 * The page with the network faults, and its control, which reports what was sent and causes the
 * faults; and for the console page the demonstration's channels, in place of the WAR's empty list.
 */
final class DemoPageServlet extends HttpServlet {
  static final String PATH = "/-/demo";

  static final String PRESETS = "/-/console/presets.json";

  private static final long serialVersionUID = 1L;

  /** How long each fault lasts. */
  private static final Duration FAULT = Duration.ofSeconds(10);

  private static final Map<String, String> TYPES =
      Map.of(
          "presets.json", "application/json",
          "demo.html", "text/html;charset=utf-8",
          "demo.css", "text/css;charset=utf-8",
          "demo.js", "text/javascript;charset=utf-8",
          "actioncable.js", "text/javascript;charset=utf-8");

  private final transient DemoServer server;
  private final transient Hop hop;

  /** The port of the page behind the hop; 0 if every page is behind it. */
  private final int hopPort;

  DemoPageServlet(DemoServer server, Hop hop, int hopPort) {
    this.server = server;
    this.hop = hop;
    this.hopPort = hopPort;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String path = request.getPathInfo();
    if (request.getServletPath().equals(PRESETS)) {
      response.setHeader("Cache-Control", "no-store");
      file("presets.json", response);
    } else if (path == null && hopPort != 0 && request.getServerPort() != hopPort) {
      String host = request.getServerName();
      response.sendRedirect("http://%s:%d%s".formatted(host, hopPort, request.getRequestURI()));
    } else if (path == null) {
      page(request, response);
    } else if (path.equals("/control")) {
      answer(response);
    } else {
      file(path.substring(1), response);
    }
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String own = SameOriginFilter.ownOrigin(request);
    if (!own.equals(request.getHeader("Origin")) || !"/control".equals(request.getPathInfo())) {
      response.sendError(HttpServletResponse.SC_FORBIDDEN);
      return;
    }
    switch (String.valueOf(request.getQueryString())) {
      case "cut" -> hop.cut(FAULT);
      case "kill" -> hop.killWebSockets(FAULT);
      case "restart" -> server.restart();
      case "mend" -> {
        hop.cut(Duration.ZERO);
        hop.killWebSockets(Duration.ZERO);
      }
      default -> {
        response.sendError(HttpServletResponse.SC_BAD_REQUEST);
        return;
      }
    }
    answer(response);
  }

  private void page(HttpServletRequest request, HttpServletResponse response) throws IOException {
    // Some browsers don't count a WebSocket to the page's own host as 'self'.
    String host = String.valueOf(request.getHeader("Host")).replaceAll("[^\\w.:\\[\\]-]", "");
    response.setHeader(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
            + " 'self' ws://%1$s wss://%1$s; base-uri 'none'; form-action 'none'; frame-ancestors"
                .formatted(host)
            + " 'none'");
    file("demo.html", response);
  }

  /** Closes the connection: the browser's next request on it isn't for the control. */
  private void answer(HttpServletResponse response) throws IOException {
    response.setHeader("Connection", "close");
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("application/json");
    response
        .getWriter()
        .printf(
            "{\"tick\":%d,\"period\":%d,\"time\":%d,\"cut\":%d,\"kill\":%d,\"restart\":%d}",
            server.latestTick(),
            DemoServer.TICK_PERIOD.toMillis(),
            System.currentTimeMillis(),
            hop.cutMillis(),
            hop.killMillis(),
            server.restartMillis());
  }

  private void file(String name, HttpServletResponse response) throws IOException {
    String type = TYPES.get(name);
    if (type == null) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    response.setContentType(type);
    try (InputStream file = DemoPageServlet.class.getResourceAsStream(name)) {
      file.transferTo(response.getOutputStream());
    }
  }
}
