package cablestream.session;

/**
 * A request that was not carried out.
 *
 * @param status the HTTP status; 204 tells an EventSource to stop
 * @param error a sentence for the body; it never repeats a cookie, a token or a query; null for 204
 * @param retryAfterSeconds for {@code Retry-After}; 0 for none
 */
public record Refusal(int status, String error, int retryAfterSeconds) {
  public Refusal(int status, String error) {
    this(status, error, 0);
  }
}
