package cablestream.http.response;

import cablestream.http.request.HttpSettings;
import cablestream.http.request.Origins;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;

/**
 * Which origins' scripts may read a response; protocol section 5.
 *
 * <p>With {@code allowed-origins} set, exactly those. Otherwise the bridge doesn't know them: it
 * allows every origin if the response reveals nothing, and otherwise only the origin that the
 * server accepted when the session was opened.
 */
public final class Cors {
  static final String METHODS = "GET, POST, DELETE, OPTIONS";
  private static final String HEADERS =
      "Content-Type, Last-Event-ID, Idempotency-Key, Authorization";

  /** Chromium caches a preflight's response for two hours at most. */
  private static final String MAX_AGE_SECONDS = "7200";

  private final Set<String> allowed;

  public Cors(HttpSettings settings) {
    this.allowed = settings.allowedOrigins();
  }

  /**
   * For errors, 204s and a tunnel's opening answer.
   *
   * @param origin the request's {@code Origin}, or null
   */
  public void reflect(String origin, HttpServletResponse response) {
    if (origin != null && Origins.isWellFormed(origin)) {
      if (allowed.isEmpty() || allowed.contains(origin)) {
        allow(origin, response);
      }
    }
  }

  /**
   * For all other successful responses.
   *
   * @param origin the request's {@code Origin}, or null
   * @param opened the origin that opened the session
   */
  void opened(String origin, String opened, HttpServletResponse response) {
    if (!allowed.isEmpty()) {
      reflect(origin, response);
    } else if (opened.equals(origin)) { // which was checked when it opened the session
      allow(origin, response);
    }
  }

  /** The complete response to a preflight, except its status. */
  public void preflight(String origin, HttpServletResponse response) {
    reflect(origin, response);
    response.setHeader("Access-Control-Allow-Methods", METHODS);
    response.setHeader("Access-Control-Allow-Headers", HEADERS);
    response.setHeader("Access-Control-Max-Age", MAX_AGE_SECONDS);
  }

  private static void allow(String origin, HttpServletResponse response) {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Expose-Headers", "X-Session-Id, Retry-After");
    // Without it a page of another host can't see whether this host serves HTTP/2, on which tabs
    // share streams.
    response.setHeader("Timing-Allow-Origin", origin);
  }
}
