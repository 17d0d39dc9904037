package cablestream.standalone.demo;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Returns 404 for everything but a WebSocket upgrade from a page of the same host, as Rails does by
 * default ({@code allow_same_origin_as_host}; ActionCable::Connection::Base#allow_request_origin?).
 * While the server restarts it returns 503, as a proxy in front of it does.
 */
final class SameOriginFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private final transient DemoServer server;

  SameOriginFilter(DemoServer server) {
    this.server = server;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (server.restartMillis() > 0) {
      response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      return;
    }
    if (isUpgrade(request) && ownOrigin(request).equals(request.getHeader("Origin"))) {
      chain.doFilter(request, response);
      return;
    }
    response.setStatus(HttpServletResponse.SC_NOT_FOUND);
    response.setContentType("text/plain");
    response.getWriter().print("Page not found");
  }

  private static boolean isUpgrade(HttpServletRequest request) {
    return "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
  }

  static String ownOrigin(HttpServletRequest request) {
    boolean https =
        request.isSecure() || "https".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto"));
    return (https ? "https" : "http") + "://" + request.getHeader("Host");
  }
}
