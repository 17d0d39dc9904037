package cablestream.http;

import cablestream.session.Listener.Acceptance;
import cablestream.session.Observer;
import cablestream.session.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * A request to a session whose answer comes later, from another thread. What the answer needs of
 * the request is read at once: the container's request object is never touched again.
 */
final class Exchange {
  private final SessionRequest request;
  private final String origin;
  private final Cors cors;
  private final Observer observer;
  private final AsyncResponse response;

  private Exchange(
      SessionRequest request, String origin, Cors cors, Observer observer, AsyncResponse response) {
    this.request = request;
    this.origin = origin;
    this.cors = cors;
    this.observer = observer;
    this.response = response;
  }

  /** Only in the servlet's own method; see {@link AsyncResponse#start}. */
  static Exchange begin(
      HttpServletRequest request, HttpServletResponse response, Cors cors, Observer observer)
      throws IOException {
    return new Exchange(
        (SessionRequest) request.getAttribute(SessionRequest.class.getName()),
        request.getHeader("Origin"),
        cors,
        observer,
        AsyncResponse.start(request, response));
  }

  SessionRequest request() {
    return request;
  }

  AsyncResponse response() {
    return response;
  }

  /** Answers with an error, or with 204 and nothing. */
  void refuse(Refusal refusal) {
    if (refusal.status() >= 400) {
      observer.refused(refusal.status());
    }
    response.answer(
        head -> {
          cors.reflect(origin, head);
          return Replies.prepare(refusal, head);
        });
  }

  /** Answers with JSON; an answer to a session that took the request. */
  void answer(Acceptance acceptance, byte[] json) {
    response.answer(
        head -> {
          welcome(acceptance, head);
          head.setContentType(Replies.JSON);
          head.setHeader("Cache-Control", "no-store");
          head.setContentLength(json.length);
          return json;
        });
  }

  /** The headers of every answer to a request that a session took. */
  void welcome(Acceptance acceptance, HttpServletResponse head) {
    head.setStatus(HttpServletResponse.SC_OK);
    head.setHeader("X-Session-Id", acceptance.sessionId());
    if (request.setCookie() != null) {
      head.addHeader("Set-Cookie", request.setCookie());
    }
    cors.opened(origin, acceptance.origin(), head);
  }
}
