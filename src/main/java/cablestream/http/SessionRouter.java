package cablestream.http;

import cablestream.session.Observer;
import cablestream.session.Refusal;
import cablestream.session.SessionManager;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every request first: whether it is for a page or for a session, whether it may be, and
 * which of the servlets answers it, as those share one URL. Whatever it refuses is JSON.
 */
public final class SessionRouter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(SessionRouter.class);

  /** The servlets' names in web.xml. */
  static final String EVENT_STREAM = "event-stream";

  static final String LONG_POLL = "long-poll";
  static final String COMMAND = "command";

  private static final String ECHO = "/-/echo/";
  private static final String ALLOW = "GET, HEAD, POST, DELETE, OPTIONS";

  private transient Cors cors;
  private transient RequestReader reader;
  private transient Pages pages;
  private transient SessionManager echo;
  private transient Observer observer;

  @Override
  public void init() {
    Bridge bridge = Bridge.in(getServletContext());
    HttpSettings settings = bridge.settings();
    echo = bridge.echo();
    observer = bridge.observer();
    cors = new Cors(settings);
    reader = new RequestReader(settings);
    pages = new Pages(settings, cors, Bridge.hasWebSockets(getServletContext()), bridge.trials());
    Replies.warm();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Vary", "Origin");
    String path = path(request);
    if (path.startsWith(ECHO) && Tokens.isEventsId(path.substring(ECHO.length()))) {
      response.setHeader("Cache-Control", "no-store");
      answer(path, request, response);
    } else if (Pages.isPage(path)) {
      pages.serve(path, request, response, chain);
    } else {
      response.setHeader("Cache-Control", "no-store");
      answer(path, request, response);
    }
  }

  /** Raw, below the context path, as the servlet path of a filter differs between containers. */
  private static String path(HttpServletRequest request) {
    String uri = request.getRequestURI();
    String base = request.getContextPath();
    return uri.startsWith(base) ? uri.substring(base.length()) : uri;
  }

  private void answer(String path, HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    try {
      route(path, request, response);
    } catch (RefusedException e) {
      refuse(e.refusal(), request, response);
    } catch (ServletException | RuntimeException e) {
      if (response.isCommitted() || request.isAsyncStarted()) {
        // The answer is somebody else's by now; the container tells them and logs it.
        throw e;
      }
      // No path: it names the session. No query: it may hold a token.
      LOG.error("event=request_failed method={}", request.getMethod(), e);
      refuse(new Refusal(500, "the bridge failed; its log says why"), request, response);
    }
  }

  private void route(String path, HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    String method = request.getMethod();
    if (method.equals("OPTIONS")) {
      cors.preflight(request.getHeader("Origin"), response);
      response.setStatus(204);
      return;
    }
    String eventsId = path.startsWith(ECHO) ? echoId(path, request) : eventsId(path);
    boolean stream = Accept.eventStream(request.getHeaders("Accept"));
    switch (method) {
      case "GET" -> forward(stream ? EVENT_STREAM : LONG_POLL, eventsId, stream, request, response);
      case "POST" -> {
        requirePlain(request);
        forward(stream ? EVENT_STREAM : COMMAND, eventsId, stream, request, response);
      }
      case "DELETE" -> forward(COMMAND, eventsId, false, request, response);
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

  /** A session that leads nowhere, for the page that tries a visitor's network. */
  private String echoId(String path, HttpServletRequest request) {
    if (echo == null) {
      throw new RefusedException(404, "there is nothing here");
    }
    if (new Query(request.getQueryString()).own(Query.PROTOCOL) == null) {
      throw new RefusedException(400, "an echo is a tunnel: it needs the parameter protocol");
    }
    request.setAttribute(SessionManager.class.getName(), echo);
    return path.substring(ECHO.length());
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
      boolean stream,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, ServletException {
    request.setAttribute(SessionRequest.class.getName(), reader.read(request, eventsId, stream));
    RequestDispatcher dispatcher = getServletContext().getNamedDispatcher(servlet);
    dispatcher.forward(request, response);
  }

  /** What a GET would be answered with, short of opening a session. */
  private void describe(boolean stream, HttpServletRequest request, HttpServletResponse response) {
    cors.reflect(request.getHeader("Origin"), response);
    if (stream) {
      SseStream.describe(response);
    } else {
      response.setHeader("Content-Type", Replies.JSON);
    }
  }

  private void refuse(Refusal refusal, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    observer.refused(refusal.status());
    cors.reflect(request.getHeader("Origin"), response);
    Replies.refuse(refusal, response);
  }
}
