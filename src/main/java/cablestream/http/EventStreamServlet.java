package cablestream.http;

import cablestream.browser.Listener;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.Exchange;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * GET and POST with {@code Accept: text/event-stream}: listens. A POST's body is never read: at
 * most one buffer of it arrives, and the container closes the connection after the stream.
 */
public final class EventStreamServlet extends SessionServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Exchange exchange = begin(request, response);
    RequestParameters asked = exchange.request();
    Listener.Stream stream = exchange.stream();
    sessions(asked).listen(asked.sessionRequest(), asked.pingSeconds(), stream);
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    doGet(request, response);
  }
}
