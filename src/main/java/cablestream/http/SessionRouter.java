package cablestream.http;

import cablestream.browser.Refusal;
import cablestream.concurrent.Fault;
import cablestream.http.pages.Pages;
import cablestream.http.relay.NodeRouter;
import cablestream.http.relay.ServedSessions;
import cablestream.http.request.Accept;
import cablestream.http.request.Headers;
import cablestream.http.request.RefusedException;
import cablestream.http.request.RequestParameters;
import cablestream.http.request.RequestReader;
import cablestream.http.request.Tokens;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import cablestream.http.response.Responses;
import cablestream.http.response.SseStream;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles every request first: decides whether it is for a page or a session, whether it is
 * permitted, and which servlet answers it, as all sessions' servlets share one URL. Every refusal
 * is JSON.
 */
public final class SessionRouter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(SessionRouter.class);

  /** The servlets' names in web.xml. */
  static final String EVENT_STREAM = "event-stream";

  static final String LONG_POLL = "long-poll";
  static final String COMMAND = "command";

  /** Before the events-id of a session without a server, for the page that tests a network. */
  private static final String ECHO = "/-/echo/";

  private static final String ALLOW = "GET, HEAD, POST, DELETE, OPTIONS";
  private static final Set<String> METHODS = Set.of(ALLOW.split(", "));

  private transient RequestReader reader;
  private transient Pages pages;
  private transient Responses responses;
  private transient ServedSessions served;
  private transient NodeRouter nodeRouter;

  @Override
  public void init() {
    BridgeContext bridge = BridgeContext.in(getServletContext());
    served = bridge.served();
    responses = bridge.responses();
    nodeRouter = bridge.nodeRouter();
    reader = new RequestReader(bridge.settings());
    pages = new Pages(getServletContext());
    Replies.warm();
  }

  /** Throws nothing at the container, which would log it with the path, which names the session. */
  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain) {
    try {
      response.setHeader("X-Content-Type-Options", "nosniff");
      response.setHeader("Vary", "Origin");
      String path = RequestReader.path(request);
      if (Pages.isPage(path) && !isTrial(path)) {
        pages.serve(path, request, response, chain);
      } else {
        response.setHeader("Cache-Control", "no-store");
        route(path, nodeRouter.unwrap(request, response), response);
      }
    } catch (RefusedException e) {
      refuse(e.refusal(), request, response);
    } catch (Throwable e) {
      fail(e, request, response);
    }
  }

  private static boolean isTrial(String path) {
    return path.startsWith(ECHO) && Tokens.isEventsId(path.substring(ECHO.length()));
  }

  private void route(String path, HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    String method = request.getMethod();
    if (method.equals("OPTIONS")) {
      preflight(request, response);
      return;
    }
    boolean trial = path.startsWith(ECHO);
    if (trial && served.trials() == null) {
      throw new RefusedException(Pages.NOTHING);
    }
    String eventsId = trial ? path.substring(ECHO.length()) : eventsId(path);
    // A client that accepts anything is better served with a poll's JSON.
    boolean stream =
        Accept.names(SseStream.MEDIA_TYPE, Collections.list(request.getHeaders("Accept")));
    switch (method) {
      case "GET" ->
          forward(stream ? EVENT_STREAM : LONG_POLL, eventsId, trial, stream, request, response);
      case "POST" -> {
        requirePlain(request);
        forward(stream ? EVENT_STREAM : COMMAND, eventsId, trial, stream, request, response);
      }
      case "DELETE" -> forward(COMMAND, eventsId, trial, false, request, response);
      case "HEAD" -> describe(stream, request, response);
      default -> {
        response.setHeader("Allow", ALLOW);
        throw new RefusedException(405, "the methods of a session are " + ALLOW);
      }
    }
  }

  private static String eventsId(String path) {
    String id = path.isEmpty() ? "" : path.substring(1);
    if (!Tokens.isEventsId(id)) {
      throw new RefusedException(
          400,
          "a session's URL ends in one path segment of the client's choice: 16 to 128 characters of"
              + " A-Z a-z 0-9 - _ . ~, a UUID for example");
    }
    return id;
  }

  private static void requirePlain(HttpServletRequest request) {
    String encoding = Headers.value(request, "Content-Encoding", ",");
    if (encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
      throw new RefusedException(415, "the body must not be compressed");
    }
  }

  private void forward(
      String servlet,
      String eventsId,
      boolean trial,
      boolean stream,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, ServletException {
    RequestParameters asked = RequestParameters.of(request);
    if (asked == null) {
      asked = reader.read(request, eventsId, trial, stream);
      request.setAttribute(RequestParameters.class.getName(), asked);
    }
    if (!nodeRouter.takes(asked, request, response)) {
      getServletContext().getNamedDispatcher(servlet).forward(request, response);
    }
  }

  private void preflight(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String origin = request.getHeader("Origin");
    responses
        .start(request, response)
        .answerShared(
            NonBlockingResponse.NOTHING,
            head -> {
              responses.cors().preflight(origin, head);
              head.setStatus(HttpServletResponse.SC_NO_CONTENT);
            });
  }

  /** The headers of a GET, without opening a session. */
  private void describe(boolean stream, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String origin = request.getHeader("Origin");
    responses
        .start(request, response)
        .answerShared(
            NonBlockingResponse.NOTHING,
            head -> {
              responses.cors().reflect(origin, head);
              if (stream) {
                SseStream.describe(head);
              } else {
                head.setContentType(Replies.JSON);
              }
            });
  }

  /** Answers in place of the servlet, which may have begun to answer. */
  private void refuse(Refusal refusal, HttpServletRequest request, HttpServletResponse response) {
    responses.observer().refused(refusal.status());
    try {
      String origin = request.getHeader("Origin");
      NonBlockingResponse begun = NonBlockingResponse.of(request);
      NonBlockingResponse answer = begun == null ? responses.start(request, response) : begun;
      answer.fail(
          Replies.body(refusal),
          head -> {
            responses.cors().reflect(origin, head);
            Replies.head(refusal, head);
          });
    } catch (Throwable e) {
      Fault.log(LOG, "event=request_failed", e);
    }
  }

  /** Ends the response after any failure, however much of it is written. */
  private void fail(Throwable fault, HttpServletRequest request, HttpServletResponse response) {
    // The path is omitted because it names the session, the query because it may contain a token,
    // and an unknown method because it may be any text.
    String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "other";
    Fault.log(LOG, "event=request_failed method=" + method, fault);
    refuse(Replies.FAILED, request, response);
  }
}
