package cablestream.browser;

/**
 * A request that was not carried out.
 *
 * @param status the HTTP status; 204 stops an EventSource
 * @param error a sentence for the body; it never repeats a cookie, a token or a query; null for 204
 * @param retryAfterSeconds for {@code Retry-After}; 0 for none
 * @param comeBackMillis the delay after which an EventSource, for which any error is final, should
 *     reconnect instead; 0 for an error
 */
public record Refusal(int status, String error, int retryAfterSeconds, long comeBackMillis) {
  public Refusal(int status, String error, int retryAfterSeconds) {
    this(status, error, retryAfterSeconds, 0);
  }

  public Refusal(int status, String error) {
    this(status, error, 0, 0);
  }
}
