package cablestream.http.pages;

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

  private transient PageContext context;
  private transient OperatorGuard guard;

  @Override
  public void init() {
    context = PageContext.in(getServletContext());
    guard = new OperatorGuard(context.settings().pages().operatorToken());
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
    boolean admitted = guard.admits(request);
    if (!admitted) {
      guard.refuse(response);
    }
    return admitted;
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
