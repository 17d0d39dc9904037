package cablestream.http.pages;

import cablestream.browser.Digest;
import cablestream.browser.Refusal;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Admits requests with the operator's token. A request's address proves nothing: a proxy on the
 * same machine is also a loopback peer.
 */
final class OperatorGuard {
  private static final String BEARER = "bearer ";

  private static final Refusal NO_TOKEN =
      new Refusal(
          403,
          "operator endpoints are disabled: operator.token is not set. Set the environment variable"
              + " CABLESTREAM_OPERATOR_TOKEN to the output of \"openssl rand -hex 32\", and send it"
              + " as Authorization: Bearer");

  private static final Refusal TOKEN_REQUIRED =
      new Refusal(401, "the operator token is missing or wrong: send it as Authorization: Bearer");

  private final Digest token;

  /**
   * @param token null to refuse all requests
   */
  OperatorGuard(Digest token) {
    this.token = token;
  }

  /** Whether the request is an operator's. Compares digests, in constant time. */
  boolean admits(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    return token != null
        && authorization != null
        && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && Digest.of(authorization.substring(BEARER.length()).strip()).equals(token);
  }

  /** Refuses a request that isn't an operator's. */
  void refuse(NonBlockingResponse response) {
    Refusal refusal = token == null ? NO_TOKEN : TOKEN_REQUIRED;
    response.answer(
        Replies.body(refusal),
        head -> {
          Replies.head(refusal, head);
          if (token != null) {
            head.setHeader("WWW-Authenticate", "Bearer realm=\"cablestream\"");
          }
        });
  }
}
