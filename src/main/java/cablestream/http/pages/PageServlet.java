package cablestream.http.pages;

import cablestream.browser.Digest;
import cablestream.browser.Refusal;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers everything but sessions: at once or later, and without blocking. */
abstract class PageServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  static final String READ = "GET, HEAD";

  private static final String BEARER = "bearer ";

  private static final Refusal NO_TOKEN =
      new Refusal(
          403,
          "operator endpoints are disabled: operator.token is not set. Set the environment variable"
              + " CABLESTREAM_OPERATOR_TOKEN to the output of \"openssl rand -hex 32\", and send it"
              + " as Authorization: Bearer");

  private static final Refusal TOKEN_REQUIRED =
      new Refusal(401, "the operator token is missing or wrong: send it as Authorization: Bearer");

  private transient PageContext context;

  @Override
  public void init() {
    context = PageContext.in(getServletContext());
  }

  final PageContext context() {
    return context;
  }

  /** Reads a page of the web application. */
  final StaticFile page(String path) {
    return StaticFile.page(getServletContext(), path, context.settings().pages());
  }

  /** Whether the request is an operator's; otherwise it is refused. */
  final boolean admits(HttpServletRequest request, NonBlockingResponse response) {
    Digest token = context.settings().pages().operatorToken();
    boolean admitted = isOperator(request, token);
    if (!admitted) {
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
    return admitted;
  }

  /**
   * Whether the request has the operator's token. Its address proves nothing: a proxy on the same
   * machine is also a loopback peer. Compares digests, in constant time.
   *
   * @param token null to refuse all requests
   */
  static boolean isOperator(HttpServletRequest request, Digest token) {
    String authorization = request.getHeader("Authorization");
    return token != null
        && authorization != null
        && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && Digest.of(authorization.substring(BEARER.length()).strip()).equals(token);
  }

  /** Answers GET and HEAD. */
  abstract void read(HttpServletRequest request, NonBlockingResponse response) throws IOException;

  /** Answers POST. */
  void post(HttpServletRequest request, NonBlockingResponse response) throws IOException {
    refuseMethod(READ, response);
  }

  @Override
  protected final void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    NonBlockingResponse started = context.responses().start(request, response);
    switch (request.getMethod()) {
      case "GET", "HEAD" -> read(request, started);
      case "POST" -> post(request, started);
      default -> refuseMethod(READ, started);
    }
  }

  static void refuseMethod(String allowed, NonBlockingResponse response) {
    Refusal refusal = new Refusal(405, "the methods here are " + allowed);
    response.answer(
        Replies.body(refusal),
        head -> {
          Replies.head(refusal, head);
          head.setHeader("Allow", allowed);
        });
  }
}
