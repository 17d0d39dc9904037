package cablestream.http.pages;

import cablestream.browser.Digest;
import cablestream.browser.Refusal;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Who may operate the bridge: whoever has the operator's token. Where a request comes from proves
 * nothing: a proxy on the same machine is a loopback peer, too.
 */
final class OperatorGuard {
  private static final String BEARER = "bearer ";

  private static final Refusal NO_TOKEN =
      new Refusal(
          403,
          "operator endpoints are disabled: operator.token is not set. Set the environment variable"
              + " CABLESTREAM_OPERATOR_TOKEN to the output of \"openssl rand -hex 32\", and send it"
              + " as Authorization: Bearer");

  private static final Refusal TOKEN_WANTED =
      new Refusal(401, "the operator token is missing or wrong: send it as Authorization: Bearer");

  private final Digest token;

  /**
   * @param token null: nobody is let in
   */
  OperatorGuard(Digest token) {
    this.token = token;
  }

  /** Whether the request is an operator's. Digests are compared, and in constant time. */
  boolean admits(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    return token != null
        && authorization != null
        && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && Digest.of(authorization.substring(BEARER.length()).strip()).equals(token);
  }

  /** Answers a request that isn't an operator's. */
  void refuse(NonBlockingResponse response) {
    Refusal refusal = token == null ? NO_TOKEN : TOKEN_WANTED;
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
