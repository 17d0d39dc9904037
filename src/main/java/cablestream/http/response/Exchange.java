package cablestream.http.response;

import cablestream.browser.Listener;
import cablestream.browser.Listener.Acceptance;
import cablestream.browser.Refusal;
import cablestream.environment.Observer;
import cablestream.http.request.RequestParameters;
import cablestream.memory.Holder;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A request to a session whose answer comes later, from another thread. What the answer needs of
 * the request is read at once: the container's request object is never touched again.
 */
public final class Exchange {
  private final RequestParameters request;
  private final String origin;
  private final Cors cors;
  private final Observer observer;
  private final Responses responses;
  private final NonBlockingResponse response;

  private Exchange(
      RequestParameters request,
      String origin,
      Cors cors,
      Observer observer,
      Responses responses,
      NonBlockingResponse response) {
    this.request = request;
    this.origin = origin;
    this.cors = cors;
    this.observer = observer;
    this.responses = responses;
    this.response = response;
  }

  /** Only in the servlet's own method; see {@link Responses#start}. */
  public static Exchange begin(
      HttpServletRequest request,
      HttpServletResponse response,
      Cors cors,
      Observer observer,
      Responses responses)
      throws IOException {
    return new Exchange(
        RequestParameters.of(request),
        request.getHeader("Origin"),
        cors,
        observer,
        responses,
        responses.start(request, response));
  }

  public RequestParameters request() {
    return request;
  }

  public NonBlockingResponse response() {
    return response;
  }

  /**
   * A listener at the end of the stream that is asked for.
   *
   * @param lost see {@link Listener.Stream#isLost}
   */
  public Listener.Stream stream(BooleanSupplier lost) {
    return switch (request.representation()) {
      case EVENT_STREAM -> new SseStream(this, lost);
      case JSON -> throw new IllegalStateException("no stream is asked for");
    };
  }

  /** A listener that is answered once. */
  public Listener.Poll poll() {
    return new LongPoll(this, responses);
  }

  /** Answers with an error, or with 204 and nothing. */
  public void refuse(Refusal refusal) {
    if (refusal.status() >= 400) {
      observer.refused(refusal.status());
    }
    response.answer(
        Replies.body(refusal),
        head -> {
          cors.reflect(origin, head);
          Replies.head(refusal, head);
        });
  }

  /**
   * Answers with a stream that has nothing but this in it, in place of an error. It is a few bytes,
   * and not to be refused in its turn.
   *
   * @param describe sets the headers that such streams have
   */
  void postpone(byte[] retry, Consumer<HttpServletResponse> describe) {
    response.answerShared(
        retry,
        head -> {
          head.setStatus(HttpServletResponse.SC_OK);
          cors.reflect(origin, head);
          describe.accept(head);
        });
  }

  /** Answers with JSON; an answer to a session that took the request. */
  public void answer(Acceptance acceptance, byte[] json) {
    response.answer(json, head -> describe(acceptance, head));
  }

  /** The same, with an answer that somebody holds already. */
  void answer(Acceptance acceptance, byte[] json, Holder holder) {
    response.answer(json, holder, head -> describe(acceptance, head));
  }

  /** The same, with one that is made as it is written. */
  void answer(Acceptance acceptance, NonBlockingResponse.Pieces json, Holder holder) {
    response.answer(json, holder, head -> describe(acceptance, head));
  }

  private void describe(Acceptance acceptance, HttpServletResponse head) {
    welcome(acceptance, head);
    head.setContentType(Replies.JSON);
    head.setHeader("Cache-Control", "no-store");
  }

  /** The headers of every answer to a request that a session took. */
  void welcome(Acceptance acceptance, HttpServletResponse head) {
    head.setStatus(HttpServletResponse.SC_OK);
    head.setHeader("X-Session-Id", acceptance.sessionId());
    head.setHeader("Cablestream-Session", acceptance.hash()); // a proxy may log this one
    if (request.setCookie() != null) {
      head.addHeader("Set-Cookie", request.setCookie());
    }
    cors.opened(origin, acceptance.origin(), head);
  }
}
