package cablestream.http.request;

import cablestream.browser.ClientTransport;
import cablestream.browser.Fallback;
import cablestream.browser.Mode;
import cablestream.browser.SessionRequest;
import cablestream.cable.DialRequest;
import cablestream.http.request.Callers.Arrival;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads a {@link RequestParameters} from a request: the bridge's own parameters, validated, and the
 * caller. Any thread.
 */
public final class RequestReader {
  private static final int MAX_TIMEOUT = (int) HttpSettings.MAX_POLL_TIMEOUT.toSeconds();
  private static final int MAX_PING = 60;
  private static final int MAX_KEY = 128;
  private static final int MAX_SESSION_ID = 128;
  private static final int MAX_PROTOCOLS = 16;
  private static final int MAX_PATH = 256;

  /** All valid characters of a URL's path (RFC 3986, 3.3): no quotes, spaces or controls. */
  private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*");

  private final HttpSettings.Polls polls;
  private final Callers callers;

  public RequestReader(HttpSettings settings) {
    polls = settings.polls();
    this.callers = new Callers(settings);
  }

  /**
   * Reads the request.
   *
   * @param trial whether it is to a session without a server
   * @param stream whether it requests a stream
   * @throws RefusedException 400 with the reason if a parameter is invalid; and as {@link Callers}
   */
  public RequestParameters read(
      HttpServletRequest request, String eventsId, boolean trial, boolean stream) {
    Query query = new Query(request.getQueryString());
    int pollQueue = number(query, Query.POLL_QUEUE, 1, HttpSettings.MAX_POLL_QUEUE, 0);
    String sessionId = sessionId(query);
    boolean listens = stream || request.getMethod().equals("GET");
    boolean opens =
        listens || request.getMethod().equals("POST") && pollQueue > 0 && sessionId == null;
    List<String> protocols = protocols(query);
    if (trial && protocols == null) {
      throw new RefusedException(400, "an echo is a tunnel: it needs the parameter protocol");
    }
    Arrival arrival =
        callers.arrival(
            request,
            cablePath(query),
            query.application(),
            protocols == null ? DialRequest.PROTOCOLS : protocols,
            opens);
    Mode mode = protocols == null ? Mode.CHANNELS : Mode.TUNNEL;
    return new RequestParameters(
        new SessionRequest(
            eventsId,
            listens ? null : sessionId,
            arrival.caller(),
            mode,
            cursor(request, query),
            transport(request, stream),
            Fallback.of(query.own(Query.FALLBACK))),
        trial,
        opens,
        new RequestParameters.Poll(timeout(query), pollQueue > 0 ? pollQueue : polls.queue()),
        number(query, Query.PING, 1, MAX_PING, 0),
        idempotencyKey(request, query),
        arrival.setCookie());
  }

  private static ClientTransport transport(HttpServletRequest request, boolean stream) {
    if (!stream) {
      return ClientTransport.POLL;
    }
    return request.getMethod().equals("POST") ? ClientTransport.FETCH : ClientTransport.EVENTSOURCE;
  }

  /**
   * The raw path below the context path: the servlet path of a filter differs between containers.
   */
  public static String path(HttpServletRequest request) {
    String uri = request.getRequestURI();
    String base = request.getContextPath();
    return uri.startsWith(base) ? uri.substring(base.length()) : uri;
  }

  private Duration timeout(Query query) {
    int otherwise = -1;
    int seconds = number(query, Query.TIMEOUT, 0, MAX_TIMEOUT, otherwise);
    return seconds == otherwise ? polls.timeout() : Duration.ofSeconds(seconds);
  }

  private static int number(Query query, String name, int min, int max, int otherwise) {
    String text = query.own(name);
    if (text == null) {
      return otherwise;
    }
    int number = Tokens.isDigits(text, 9) ? Integer.parseInt(text) : -1;
    if (number < min || number > max) {
      throw bad(name, "a whole number from " + min + " to " + max);
    }
    return number;
  }

  /** The header wins: a reconnecting EventSource repeats the parameter unchanged. */
  private static String cursor(HttpServletRequest request, Query query) {
    String header = Headers.value(request, "Last-Event-ID", ",");
    String cursor = header == null || header.isEmpty() ? query.own(Query.LAST_EVENT_ID) : header;
    return cursor == null || cursor.isEmpty() ? null : cursor;
  }

  private static String sessionId(Query query) {
    String id = query.own(Query.SESSION_ID);
    if (id != null && !Tokens.isVisible(id, MAX_SESSION_ID)) {
      throw bad(Query.SESSION_ID, "the session_id of an answer or an event");
    }
    return id;
  }

  private static String idempotencyKey(HttpServletRequest request, Query query) {
    String header = Headers.value(request, "Idempotency-Key", ",");
    String key = header == null ? query.own(Query.IDEMPOTENCY_KEY) : header;
    if (key != null && (key.isEmpty() || key.length() > MAX_KEY)) {
      throw bad(Query.IDEMPOTENCY_KEY, "1 to " + MAX_KEY + " characters");
    }
    return key;
  }

  /**
   * Empty if it names none. The dial decides whether it is allowed: a tunnel's client then receives
   * a close event instead of a status.
   */
  private static String cablePath(Query query) {
    String path = query.own(Query.CABLE_PATH);
    if (path == null) {
      return "";
    }
    if (path.length() > MAX_PATH || !PATH.matcher(path).matches()) {
      throw bad(
          Query.CABLE_PATH,
          "the path of a URL, without its query, of at most " + MAX_PATH + " characters");
    }
    return path;
  }

  /** The subprotocols that a tunnel requests; null for a classic session. */
  private static List<String> protocols(Query query) {
    String list = query.own(Query.PROTOCOL);
    if (list == null) {
      return null;
    }
    List<String> protocols = Stream.of(list.split(",", -1)).map(String::strip).toList();
    if (protocols.size() > MAX_PROTOCOLS
        || !protocols.stream().allMatch(Tokens::isToken)
        || Set.copyOf(protocols).size() < protocols.size()) {
      throw bad(
          Query.PROTOCOL,
          "a list of at most " + MAX_PROTOCOLS + " different subprotocols, separated by commas");
    }
    return protocols;
  }

  private static RefusedException bad(String name, String allowed) {
    return new RefusedException(400, name + " must be " + allowed);
  }
}
