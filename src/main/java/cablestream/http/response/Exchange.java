package cablestream.http.response;

import cablestream.browser.Listener;
import cablestream.browser.Listener.Acceptance;
import cablestream.browser.Refusal;
import cablestream.http.request.RequestParameters;
import cablestream.memory.Holder;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A request to a session whose response follows later, from another thread. What the response needs
 * from the request is read at once: the container's request object is never used afterwards.
 */
public final class Exchange {
  private static final byte[] NO_ROOM_FOR_RESULTS =
      Replies.error("the commands were executed, but there is no memory for their results");

  private final RequestParameters request;
  private final String origin;
  private final Responses responses;
  private final NonBlockingResponse response;
  private final TcpTable.Connection connection;

  /** Only in the servlet's own method; see {@link Responses#start}. */
  public Exchange(HttpServletRequest request, HttpServletResponse response, Responses responses)
      throws IOException {
    this.request = RequestParameters.of(request);
    origin = request.getHeader("Origin");
    this.responses = responses;
    this.response = responses.start(request, response);
    connection = responses.tcpTable().connection(request);
  }

  public RequestParameters request() {
    return request;
  }

  public NonBlockingResponse response() {
    return response;
  }

  TcpTable.Connection connection() {
    return connection;
  }

  /** Whether the client, or the proxy in front of the bridge, has closed its connection. */
  public boolean isClosedByPeer() {
    return connection.isClosedByPeer();
  }

  /** A listener for an event stream. */
  public Listener.Stream stream() {
    return new SseStream(this);
  }

  /** A listener for a poll, which is answered once. */
  public Listener.Poll poll() {
    return new LongPoll(this, responses);
  }

  /** Answers with an error, or with an empty 204. */
  public void refuse(Refusal refusal) {
    if (refusal.status() >= 400) {
      responses.observer().refused(refusal.status());
    }
    response.answer(
        Replies.body(refusal),
        head -> {
          responses.cors().reflect(origin, head);
          Replies.head(refusal, head);
        });
  }

  /**
   * Answers with a stream that contains only this, instead of an error. It is a few bytes, so it
   * needs no reservation.
   *
   * @param describe sets the headers of such streams
   */
  void postpone(byte[] retry, Consumer<HttpServletResponse> describe) {
    response.answerShared(
        retry,
        head -> {
          head.setStatus(HttpServletResponse.SC_OK);
          responses.cors().reflect(origin, head);
          describe.accept(head);
        });
  }

  /** Answers with the results of commands, for the session that executed them. */
  public void answer(Acceptance acceptance, byte[] results) {
    if (!response.answerIfRoom(results, head -> describe(acceptance, head))) {
      // Not a 503: a client without a key would repeat it, and the commands would be executed
      // twice.
      response.answerShared(
          NO_ROOM_FOR_RESULTS,
          head -> {
            describe(acceptance, head);
            head.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
          });
    }
  }

  /** Answers with JSON that has a reservation already, for a session that accepted the request. */
  void answer(Acceptance acceptance, byte[] json, Holder holder) {
    response.answer(json, holder, head -> describe(acceptance, head));
  }

  /** The same, with an answer that is made while it is written. */
  void answer(Acceptance acceptance, NonBlockingResponse.Pieces json, Holder holder) {
    response.answer(json, holder, head -> describe(acceptance, head));
  }

  private void describe(Acceptance acceptance, HttpServletResponse head) {
    welcome(acceptance, head);
    head.setContentType(Replies.JSON);
    head.setHeader("Cache-Control", "no-store");
  }

  /** Sets the headers of every answer to a request that a session accepted. */
  void welcome(Acceptance acceptance, HttpServletResponse head) {
    head.setStatus(HttpServletResponse.SC_OK);
    head.setHeader("X-Session-Id", acceptance.sessionId());
    head.setHeader("Cablestream-Session", acceptance.hash()); // unlike the id, a proxy may log this
    if (request.setCookie() != null) {
      head.addHeader("Set-Cookie", request.setCookie());
    }
    responses.cors().opened(origin, acceptance.origin(), head);
  }
}
