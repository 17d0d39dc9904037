package cablestream.http;

import cablestream.http.request.RequestParameters;
import cablestream.http.response.Exchange;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** GET with any other {@code Accept}: long poll. */
public final class LongPollServlet extends SessionServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Exchange exchange = begin(request, response);
    RequestParameters asked = exchange.request();
    RequestParameters.Poll poll = asked.poll();
    sessions(asked).poll(asked.sessionRequest(), poll.queue(), poll.timeout(), exchange.poll());
  }
}
