package cablestream.http;

import cablestream.cable.DialRequest;
import cablestream.http.request.RequestParameters;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Replaces the three servlets: responds with what the router has passed to it, one line each. */
public final class RecordingServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    RequestParameters router =
        (RequestParameters) request.getAttribute(RequestParameters.class.getName());
    DialRequest dial = router.sessionRequest().caller().dial();
    switch (dial.query()) {
      case "fail" -> throw new IllegalStateException("a secret");
      case "fail-late" -> throw new ServletException("a secret");
      case "fail-begun" -> {
        BridgeContext.in(getServletContext()).responses().start(request, response);
        throw new IllegalStateException("a secret");
      }
      case "fail-badly" -> throw new StackOverflowError("a secret");
      case "async" -> {
        AsyncContext async = request.startAsync();
        async.setTimeout(0);
        async.start(
            () -> {
              response.setStatus(202);
              async.complete();
            });
      }
      default -> response.getOutputStream().write(describe(request, router, dial));
    }
  }

  private byte[] describe(HttpServletRequest request, RequestParameters router, DialRequest dial)
      throws IOException {
    String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return String.join(
            "\n",
            "servlet=" + getServletName(),
            "id=" + router.sessionRequest().eventsId(),
            "mode=" + router.sessionRequest().mode(),
            "cursor=" + router.sessionRequest().cursor(),
            "timeout=" + router.poll().timeout().toSeconds(),
            "poll-queue=" + router.poll().queue(),
            "ping=" + router.pingSeconds(),
            "session-id=" + router.sessionRequest().sessionId(),
            "opens=" + router.opens(),
            "key=" + router.idempotencyKey(),
            "cookie=" + (router.setCookie() != null),
            "query=" + dial.query(),
            "protocols=" + String.join(",", dial.protocols()),
            "origin=" + router.sessionRequest().caller().origin(),
            "body=" + body,
            "")
        .getBytes(StandardCharsets.UTF_8);
  }
}
