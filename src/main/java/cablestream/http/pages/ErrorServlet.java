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
 * What the container would have answered with a page in HTML, as JSON and without its message,
 * which may repeat the request. The bridge's own errors never come this way.
 *
 * <p>An error's dispatch can't be asynchronous, so the body is left in the container's buffer,
 * which it fits: writing it is the container's own business, and doesn't block in Jetty. A length
 * would make Jetty write it at once, and block, and so would {@code java -jar}, where a response
 * has no buffer unless it asks for one: a few clients that read nothing would take all threads.
 */
public final class ErrorServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    // Jetty has taken away what the router had set.
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
      // Whoever asked has gone, which is the error that Tomcat wanted answered.
    }
  }

  private static Refusal refusal(int status) {
    if (status == 404) {
      return new Refusal(404, "there is nothing here");
    }
    return new Refusal(
        status, status < 500 ? "the request can't be answered" : Replies.FAILED.error());
  }
}
