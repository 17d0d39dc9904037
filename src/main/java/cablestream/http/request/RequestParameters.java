package cablestream.http.request;

import cablestream.browser.SessionRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;

/**
 * What {@code SessionRouter} has read from a request to a session before it dispatches it to a
 * servlet, as a request attribute under this class's name.
 *
 * @param representation what it requests
 * @param opens whether it opens the session if there is none
 * @param poll how a long poll waits, if it is one
 * @param pingSeconds the parameter {@code ping}, 1 to 60, or 0
 * @param idempotencyKey header or parameter, validated, or null
 * @param setCookie the {@code Set-Cookie} line with the bridge's cookie; null if the browser has
 *     it. The caller contains its digest already
 */
public record RequestParameters(
    SessionRequest sessionRequest,
    Representation representation,
    boolean opens,
    Poll poll,
    int pingSeconds,
    String idempotencyKey,
    String setCookie) {
  /**
   * How a long poll waits.
   *
   * @param timeout the parameter {@code timeout}, 25 s by default
   * @param queue events of its answer, or 0 if the parameter {@code poll-queue} is absent
   */
  public record Poll(Duration timeout, int queue) {}

  /** The parameters of a request that has been read already; otherwise null. */
  public static RequestParameters of(HttpServletRequest request) {
    return (RequestParameters) request.getAttribute(RequestParameters.class.getName());
  }
}
