package cablestream.http.request;

import cablestream.browser.SessionRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;

/**
 * What {@code SessionRouter} has read from a request to a session before it dispatches it to a
 * servlet, as a request attribute under this class's name.
 *
 * @param isTrial whether it is to a session without a server, of the page that tests a network
 * @param opens whether it opens the session if there is none
 * @param poll how a long poll waits, if it is one
 * @param pingSeconds the parameter {@code ping}, 1 to 60, or 0
 * @param idempotencyKey header or parameter, validated, or null
 * @param setCookie the {@code Set-Cookie} line with the bridge's cookie; null if the browser has
 *     it. The caller contains its digest already
 */
public record RequestParameters(
    SessionRequest sessionRequest,
    boolean isTrial,
    boolean opens,
    Poll poll,
    int pingSeconds,
    String idempotencyKey,
    String setCookie) {
  /**
   * How a long poll waits.
   *
   * @param timeout the parameter {@code timeout}, 25 s by default
   * @param queue the largest number of events of its answer
   */
  public record Poll(Duration timeout, int queue) {}

  /** Whether it requests a stream, which has no length. */
  public boolean isStream() {
    return sessionRequest.transport().isStream();
  }

  /** The parameters of a request that has been read already; otherwise null. */
  public static RequestParameters of(HttpServletRequest request) {
    return (RequestParameters) request.getAttribute(RequestParameters.class.getName());
  }
}
