package cablestream.http.request;

import cablestream.browser.Caller;
import cablestream.browser.Digest;
import cablestream.cable.DialRequest;
import cablestream.cable.DialRequest.Header;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out who sends a request: what the session is bound to, and what a dial on the caller's
 * behalf sends; protocol sections 5 and 8. Any thread.
 */
final class Callers {
  private final HttpSettings settings;

  Callers(HttpSettings settings) {
    this.settings = settings;
  }

  /**
   * A caller and what it is to be given.
   *
   * @param setCookie the line that gives the browser its cookie; null for none
   */
  record Arrival(Caller caller, String setCookie) {}

  /**
   * Reads the request.
   *
   * @param path that is to be dialled; empty for that of {@code cable.url}
   * @param query the application's part
   * @param protocols the subprotocols to ask for
   * @param givesCookie whether a browser without the bridge's cookie is given one
   * @throws RefusedException 403 where the origin may not, 400 where a header can't be, 431 where
   *     there is too much to forward
   */
  Arrival arrival(
      HttpServletRequest request,
      String path,
      String query,
      List<String> protocols,
      boolean givesCookie) {
    Forwarding forwarding = Forwarding.of(request, settings.trustedProxies());
    Origins origins = Origins.of(request, forwarding);
    requireAllowed(origins);
    String cookies = Headers.value(request, "Cookie", ";");
    Forwarded forwarded = forwarded(request, BrowserCookie.others(cookies), query, protocols);
    DialRequest dial = dial(request, forwarding, origins, path, forwarded);
    BrowserCookie cookie = BrowserCookie.in(cookies);
    String setCookie = null;
    if (cookie == null && givesCookie) {
      cookie = BrowserCookie.random();
      setCookie = cookie.line(forwarding.isSecure(), origins.isCrossSite());
    }
    Digest browser = cookie == null ? null : cookie.digest();
    return new Arrival(
        new Caller(origins.binding(), forwarded.digest(), browser, forwarding.holder(), dial),
        setCookie);
  }

  private void requireAllowed(Origins origins) {
    if (origins.isForeignWithoutOrigin()) {
      throw new RefusedException(
          403, "a request from another site must name its Origin: use CORS, not a plain element");
    }
    String origin = origins.header() == null ? origins.own() : origins.header();
    if (!settings.allowedOrigins().isEmpty() && !settings.allowedOrigins().contains(origin)) {
      throw new RefusedException(
          403,
          origins.header() == null
              ? "the setting allowed-origins doesn't name the bridge's own origin, which counts where"
                  + " a request has no Origin header"
              : "the setting allowed-origins doesn't name this Origin");
    }
  }

  private Forwarded forwarded(
      HttpServletRequest request, String cookies, String query, List<String> protocols) {
    List<Header> configured = new ArrayList<>();
    for (String name : settings.forwardedHeaders()) {
      add(configured, name, Headers.value(request, name, ", "));
    }
    String authorization = Headers.value(request, "Authorization", ", ");
    return new Forwarded(cookies, authorization, query, protocols, configured);
  }

  private DialRequest dial(
      HttpServletRequest request,
      Forwarding forwarding,
      Origins origins,
      String path,
      Forwarded forwarded) {
    List<Header> headers = new ArrayList<>(16);
    // Rails compares either with the origin: up to 8.1 the one, from then on the other.
    String host = settings.host() == null ? forwarding.host() : settings.host();
    add(headers, "Host", host);
    add(headers, "Origin", settings.origin() == null ? origins.dial() : settings.origin());
    add(headers, "Cookie", forwarded.cookies().isEmpty() ? null : forwarded.cookies());
    add(headers, "Authorization", forwarded.authorization());
    add(headers, "User-Agent", Headers.value(request, "User-Agent", ", "));
    add(headers, "Accept-Language", Headers.value(request, "Accept-Language", ", "));
    add(headers, "X-Forwarded-For", forwarding.forwardedFor());
    add(headers, "X-Forwarded-Proto", forwarding.scheme());
    add(headers, "X-Forwarded-Host", host);
    add(headers, "X-Forwarded-Port", String.valueOf(forwarding.port()));
    add(headers, "X-Real-IP", forwarding.realIp());
    headers.add(DialRequest.VIA);
    headers.addAll(forwarded.configured());
    DialRequest dial = new DialRequest(headers, path, forwarded.query(), forwarded.protocols());
    if (dial.length() > settings.maxForwardedBytes()) {
      throw new RefusedException(
          431,
          "cookies, other headers and query are larger than "
              + settings.maxForwardedBytes()
              + " bytes together");
    }
    return dial;
  }

  private static void add(List<Header> headers, String name, String value) {
    if (value != null) {
      headers.add(new Header(name, value));
    }
  }

  /**
   * What is passed on as it came, and tells one caller from another.
   *
   * @param cookies the application's; empty for none
   * @param authorization null for none
   * @param query the application's part
   * @param configured the headers of the setting {@code forwarded-headers}
   */
  private record Forwarded(
      String cookies,
      String authorization,
      String query,
      List<String> protocols,
      List<Header> configured) {

    /** No value has a control character in it, so two callers never come out the same. */
    Digest digest() {
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
}
