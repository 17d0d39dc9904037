package cablestream.http.request;

import cablestream.browser.Caller;
import cablestream.browser.Digest;
import cablestream.cable.DialRequest;
import cablestream.cable.DialRequest.Header;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Determines the sender of a request: what the session is bound to, and what a dial for this caller
 * sends; protocol sections 5 and 8. Any thread.
 */
final class Callers {
  /** A proxy's or a browser's id of the request, which Rails also logs. */
  private static final Pattern REQUEST_ID = Pattern.compile("[0-9A-Za-z_@.:+/=-]{1,128}");

  /** W3C Trace Context, 3.2, of the only version. */
  private static final Pattern TRACE_PARENT =
      Pattern.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private static final DialRequest NO_DIAL = noDial("");

  private final HttpSettings settings;

  Callers(HttpSettings settings) {
    this.settings = settings;
  }

  /**
   * A caller, and its new cookie.
   *
   * @param setCookie the line that sets the bridge's cookie; null for none
   */
  record Arrival(Caller caller, String setCookie) {}

  /**
   * Reads the request.
   *
   * @param path the path to dial; empty for that of {@code cable.url}
   * @param query the application's part of the query
   * @param protocols the subprotocols to request
   * @param opens whether a dial may follow, which needs the headers; a browser without the bridge's
   *     cookie then gets one. Commands to a live session need neither
   * @throws RefusedException 403 if the origin is not allowed, 400 if a header that is read is
   *     invalid, 431 if there is too much to forward
   */
  Arrival arrival(
      HttpServletRequest request,
      String path,
      String query,
      List<String> protocols,
      boolean opens) {
    Forwarding forwarding = Forwarding.of(request, settings.trustedProxies());
    Origins origins = Origins.of(request, forwarding);
    requireAllowed(origins);
    BrowserCookie.Jar cookies = BrowserCookie.in(Headers.value(request, "Cookie", ";"));
    String authorization = Headers.value(request, "Authorization", ", ");
    List<Header> configured = configured(request);
    DialRequest dial =
        opens
            ? dial(
                headers(request, forwarding, origins, cookies.others(), authorization, configured),
                path,
                query,
                protocols)
            : path.isEmpty() ? NO_DIAL : noDial(path);
    BrowserCookie cookie = cookies.own();
    String setCookie = null;
    if (cookie == null && opens) {
      cookie = BrowserCookie.random();
      setCookie = cookie.line(forwarding.isSecure(), origins.isCrossSite());
    }
    Caller caller =
        new Caller(
            origins.binding(),
            credentials(cookies.others(), authorization, query, protocols, configured),
            cookie == null ? null : cookie.digest(),
            forwarding.network(),
            dial);
    return new Arrival(caller, setCookie);
  }

  /** What a request carries that never opens a session: only the path is compared. */
  private static DialRequest noDial(String path) {
    return new DialRequest(List.of(), path, "", List.of());
  }

  private DialRequest dial(
      List<Header> headers, String path, String query, List<String> protocols) {
    int max = settings.dialling().maxForwardedBytes();
    if (DialRequest.length(headers, path, query, protocols) > max) {
      throw new RefusedException(
          431, "cookies, other headers and query are larger than " + max + " bytes together");
    }
    return new DialRequest(headers, path, query, protocols);
  }

  private void requireAllowed(Origins origins) {
    if (origins.isForeignWithoutOrigin()) {
      throw new RefusedException(
          403, "a request from another site must name its Origin: use CORS, not a plain element");
    }
    String origin = origins.header() == null ? origins.own() : origins.header();
    Set<String> allowed = settings.allowedOrigins();
    if (!allowed.isEmpty() && !allowed.contains(origin)) {
      throw new RefusedException(
          403,
          origins.header() == null
              ? "the setting allowed-origins doesn't name the bridge's own origin, which counts where"
                  + " a request has no Origin header"
              : "the setting allowed-origins doesn't name this Origin");
    }
  }

  /** The present ones of the headers that the setting names. */
  private List<Header> configured(HttpServletRequest request) {
    List<Header> headers = new ArrayList<>();
    for (String name : settings.dialling().forwardedHeaders()) {
      String value = Headers.value(request, name, ", ");
      if (value != null) {
        headers.add(new Header(name, value));
      }
    }
    return headers;
  }

  /** All headers that a dial sends, in order. */
  private List<Header> headers(
      HttpServletRequest request,
      Forwarding forwarding,
      Origins origins,
      String cookies,
      String authorization,
      List<Header> configured) {
    // Rails compares one of them with the origin: up to 8.1 the first, later the other.
    HttpSettings.Dialling dialling = settings.dialling();
    String host = dialling.host() == null ? forwarding.host() : dialling.host();
    String[] namesAndValues = {
      "Host",
      host,
      "Origin",
      dialling.origin() == null ? origins.dial() : dialling.origin(),
      "Cookie",
      cookies.isEmpty() ? null : cookies,
      "Authorization",
      authorization,
      "User-Agent",
      Headers.value(request, "User-Agent", ", "),
      "Accept-Language",
      Headers.value(request, "Accept-Language", ", "),
      "X-Request-Id",
      checked(request, "X-Request-Id", REQUEST_ID),
      "traceparent",
      checked(request, "traceparent", TRACE_PARENT),
      "X-Forwarded-For",
      forwarding.forwardedFor(),
      "X-Forwarded-Proto",
      forwarding.scheme(),
      "X-Forwarded-Host",
      host,
      "X-Forwarded-Port",
      String.valueOf(forwarding.port()),
      "X-Real-IP",
      forwarding.realIp()
    };
    List<Header> headers = new ArrayList<>(namesAndValues.length / 2 + 1 + configured.size());
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (namesAndValues[i + 1] != null) {
        headers.add(new Header(namesAndValues[i], namesAndValues[i + 1]));
      }
    }
    headers.add(DialRequest.VIA);
    headers.addAll(configured);
    return headers;
  }

  /** Null if it is invalid, or if it is among the configured headers. */
  private String checked(HttpServletRequest request, String name, Pattern pattern) {
    String value = Headers.value(request, name, ", ");
    boolean configured =
        settings.dialling().forwardedHeaders().stream().anyMatch(name::equalsIgnoreCase);
    return value == null || configured || !pattern.matcher(value).matches() ? null : value;
  }

  /**
   * The digest of what is forwarded unchanged and distinguishes callers. No value contains a
   * control character, so different callers have different digests.
   */
  private static Digest credentials(
      String cookies,
      String authorization,
      String query,
      List<String> protocols,
      List<Header> configured) {
    StringBuilder all = new StringBuilder(cookies.length() + query.length() + 128);
    all.append(cookies).append('\0');
    all.append(authorization == null ? "" : authorization).append('\0');
    all.append(query).append('\0');
    for (String protocol : protocols) {
      all.append(protocol).append(',');
    }
    for (Header header : configured) {
      all.append('\0').append(header.name()).append('\0').append(header.value());
    }
    return Digest.of(all.toString());
  }
}
