package cablestream.http.pages;

import cablestream.browser.Refusal;
import cablestream.http.response.Replies;
import cablestream.http.response.Responses;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Replaces the container's HTML error page by JSON, without its message, which may repeat the
 * request. The bridge's own errors don't use it.
 *
 * <p>An error dispatch can't be asynchronous, so the body stays in the container's buffer, into
 * which it fits: the container writes it, in Jetty without blocking. With a length Jetty would
 * write it at once, and block, as would {@code java -jar}, where a response has no buffer unless it
 * asks for one: a few clients that read nothing would occupy all threads.
 */
public final class ErrorServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    // Jetty has removed the router's headers.
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Vary", "Origin");
    if (!response.isCommitted()) {
      response.setBufferSize(Responses.CONTAINER_BUFFER);
    }
    Refusal refusal = refusal(status instanceof Integer code ? code : 404);
    Replies.head(refusal, response);
    try {
      response.getOutputStream().write(Replies.body(refusal));
    } catch (IOException e) {
      // The client has disconnected, which is the error that Tomcat reports.
    }
  }

  private static Refusal refusal(int status) {
    if (status == 404) {
      return Pages.NOTHING;
    }
    return new Refusal(
        status, status < 500 ? "the request can't be answered" : Replies.FAILED.error());
  }
}
