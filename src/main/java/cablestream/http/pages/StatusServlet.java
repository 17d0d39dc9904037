package cablestream.http.pages;

import cablestream.browser.Refusal;
import cablestream.http.response.NonBlockingResponse;
import cablestream.http.response.Replies;
import cablestream.session.SessionManager;
import cablestream.session.SessionSnapshot;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The operator's page {@code /-/status} and its data: {@code /-/status.json}, and {@code
 * /-/session/HASH} for one session. A POST to {@code /-/session/HASH/close} ends the session, and
 * one to {@code /-/session/HASH/debug} has its transitions logged. All of it needs the operator's
 * token, except the page itself, which reveals nothing: a browser can't send the token before it
 * has the page.
 */
public final class StatusServlet extends PageServlet {
  private static final long serialVersionUID = 1L;

  private static final String CLOSE = "/close";
  private static final String DEBUG = "/debug";

  /** Characters of a search. */
  private static final int MAX_SEARCH = 200;

  private static final Refusal NO_SUCH = new Refusal(404, "there is no such session");

  /** Examining a session takes microseconds; the limit answers even if mailboxes are stuck. */
  private static final Duration SURVEY_TIMEOUT = Duration.ofSeconds(2);

  private static final int MAX_LOOKED_AT = 20_000;

  private transient SessionManager sessions;
  private transient StaticFile page;

  @Override
  public void init() {
    super.init();
    sessions = context().sessions();
    page = page("/WEB-INF/status.html");
  }

  @Override
  void read(HttpServletRequest request, NonBlockingResponse response) {
    String path = request.getServletPath();
    if (path.equals("/-/status")) {
      page.answer(request, response);
    } else if (admits(request, response)) {
      if (path.equals("/-/status.json")) {
        sendStatus(request.getParameter("search"), response);
      } else {
        look(hash(request, ""), response);
      }
    }
  }

  @Override
  void post(HttpServletRequest request, NonBlockingResponse response) {
    String closed = hash(request, CLOSE);
    String logged = hash(request, DEBUG);
    if (!admits(request, response)) {
      return;
    }
    if (closed != null) {
      close(closed, response);
    } else if (logged != null) {
      logAloud(logged, response);
    } else {
      refuseMethod(READ, response);
    }
  }

  /**
   * @param search null or empty for all sessions
   */
  private void sendStatus(String search, NonBlockingResponse response) {
    if (search != null && search.length() > MAX_SEARCH) {
      Replies.refuse(
          new Refusal(400, "search must be at most " + MAX_SEARCH + " characters"), response);
      return;
    }
    sessions.survey(
        MAX_LOOKED_AT,
        SURVEY_TIMEOUT,
        seen -> Replies.send(200, StatusBody.of(context(), found(search, seen)), response));
  }

  private static List<SessionSnapshot> found(String search, List<SessionSnapshot> seen) {
    return search == null || search.isEmpty()
        ? seen
        : seen.stream().filter(each -> each.matches(search)).toList();
  }

  private void logAloud(String hash, NonBlockingResponse response) {
    if (sessions.logAloud(hash) == 0) {
      Replies.refuse(NO_SUCH, response);
    } else {
      Replies.send(200, Map.of("logged", hash), response);
    }
  }

  private void look(String hash, NonBlockingResponse response) {
    if (hash == null) {
      Replies.refuse(NO_SUCH, response);
    } else {
      sessions.look(hash, SURVEY_TIMEOUT, seen -> answer(seen, response));
    }
  }

  /** Two sessions with the same hash are rare; both are then returned. */
  private static void answer(List<SessionSnapshot> seen, NonBlockingResponse response) {
    if (seen.isEmpty()) {
      Replies.refuse(NO_SUCH, response);
    } else {
      Replies.send(200, seen.stream().map(StatusBody::row).toList(), response);
    }
  }

  private void close(String hash, NonBlockingResponse response) {
    int named = sessions.end(hash);
    if (named == 1) {
      Replies.send(200, Map.of("closed", hash), response);
    } else if (named == 0) {
      Replies.refuse(NO_SUCH, response);
    } else {
      Replies.refuse(new Refusal(409, "more than one session has this hash"), response);
    }
  }

  /** The hash in a path like {@code /0123abcd} with a suffix; null for none. */
  private static String hash(HttpServletRequest request, String after) {
    String info = request.getPathInfo();
    return info != null && info.matches("/[0-9a-f]{8}" + after) ? info.substring(1, 9) : null;
  }
}
