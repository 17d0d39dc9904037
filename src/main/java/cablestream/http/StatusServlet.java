package cablestream.http;

import cablestream.session.Refusal;
import cablestream.session.SessionManager;
import cablestream.session.SessionSnapshot;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

/**
 * The operator's page {@code /-/status} and what it reads: {@code /-/status.json}, and {@code
 * /-/session/HASH} for one session, which a POST to {@code /-/session/HASH/close} ends. All of it
 * needs the {@link OperatorGuard} but the page itself, which tells nothing: a browser can't send
 * the token before there is a page to give it to.
 */
public final class StatusServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private static final String PAGE = "/WEB-INF/status.html";
  private static final String CLOSE = "/close";

  /** Looking at a session takes microseconds; a bridge whose mailboxes are stuck answers too. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final int MOST_LOOKED_AT = 20_000;

  /** What a POST to close says. */
  public record ClosedBody(String closed) {}

  private transient SessionManager sessions;
  private transient Bridge bridge;
  private transient OperatorGuard guard;

  @Override
  public void init() {
    bridge = Bridge.in(getServletContext());
    sessions = bridge.sessions();
    guard = new OperatorGuard(bridge.settings().operatorToken());
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String path = request.getServletPath();
    if (path.equals("/-/status")) {
      sendPage(response);
    } else if (!guard.admits(request)) {
      guard.refuse(response);
    } else if (path.equals("/-/status.json")) {
      tellStatus(request.startAsync());
    } else {
      look(hash(request, ""), request, response);
    }
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String hash = hash(request, CLOSE);
    if (!guard.admits(request)) {
      guard.refuse(response);
    } else if (hash == null) {
      response.setHeader("Allow", "GET, HEAD");
      Replies.refuse(new Refusal(405, "the methods here are GET, HEAD"), response);
    } else {
      close(hash, response);
    }
  }

  private void sendPage(HttpServletResponse response) throws IOException {
    try (InputStream page = getServletContext().getResourceAsStream(PAGE)) {
      response.setContentType("text/html;charset=UTF-8");
      page.transferTo(response.getOutputStream());
    }
  }

  private void tellStatus(AsyncContext context) {
    context.setTimeout(0);
    sessions.survey(
        MOST_LOOKED_AT,
        PATIENCE,
        seen -> Replies.sendLater(200, StatusBody.of(bridge, seen), context));
  }

  private void look(String hash, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (hash == null) {
      Replies.refuse(noSuch(), response);
      return;
    }
    AsyncContext context = request.startAsync();
    context.setTimeout(0);
    sessions.look(hash, PATIENCE, seen -> answer(seen, context));
  }

  /** Two sessions of one hash are rare; then both are told. */
  private static void answer(List<SessionSnapshot> seen, AsyncContext context) {
    Object body = seen.isEmpty() ? new Replies.ErrorBody(noSuch().error()) : seen;
    Replies.sendLater(seen.isEmpty() ? 404 : 200, body, context);
  }

  private void close(String hash, HttpServletResponse response) throws IOException {
    int named = sessions.end(hash);
    if (named == 1) {
      Replies.send(200, new ClosedBody(hash), response);
    } else if (named == 0) {
      Replies.refuse(noSuch(), response);
    } else {
      Replies.refuse(new Refusal(409, "more than one session has this hash"), response);
    }
  }

  /**
   * The hash in a path like {@code /0123abcd} with something after it; null where there is none.
   */
  private static String hash(HttpServletRequest request, String after) {
    String info = request.getPathInfo();
    return info != null && info.matches("/[0-9a-f]{8}" + after) ? info.substring(1, 9) : null;
  }

  private static Refusal noSuch() {
    return new Refusal(404, "there is no such session");
  }
}
