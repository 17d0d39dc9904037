package cablestream.http.request;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The origin of the page that sent a request (RFC 6454, and the Fetch standard's Sec-Fetch-Site).
 *
 * @param header the request's {@code Origin}, or null
 * @param own the bridge's own origin, as the client sees it
 * @param site {@code Sec-Fetch-Site}: {@code same-origin}, {@code same-site}, {@code cross-site} or
 *     {@code none}; empty if the browser doesn't send it
 * @param referer the origin of {@code Referer}, or null
 */
public record Origins(String header, String own, String site, String referer) {
  private static final int LONGEST = 512;

  /** Possessive, so that matching never backtracks. */
  private static final String HOST =
      "(?:[A-Za-z0-9_-]++(?:\\.[A-Za-z0-9_-]++)*+\\.?+|\\[[0-9A-Fa-f:.]++])";

  private static final Pattern HOST_AND_PORT = Pattern.compile(HOST + "(?::[0-9]{1,5}+)?+");
  private static final String SCHEME = "[A-Za-z][A-Za-z0-9+.-]*";

  /** Browser extensions and apps have schemes with any text, or none, as a host. */
  private static final Pattern SERIALIZED = Pattern.compile(SCHEME + "://[^/?#@,\\\\]*");

  private static final Pattern URL =
      Pattern.compile("(" + SCHEME + ")://(" + HOST_AND_PORT + ")(?:[/?#].*)?");

  /** Reads the request. @throws RefusedException 400 if its Origin is invalid */
  static Origins of(HttpServletRequest request, Forwarding forwarding) {
    String origin = Headers.value(request, "Origin", ",");
    if (origin != null && !isWellFormed(origin)) {
      throw new RefusedException(400, "the Origin header must be one origin");
    }
    String site = Headers.value(request, "Sec-Fetch-Site", ",");
    String referer = Headers.value(request, "Referer", ",");
    return new Origins(
        origin,
        forwarding.ownOrigin(),
        site == null ? "" : site,
        referer == null ? null : ofUrl(referer));
  }

  /** The origin that a dial sends; null for none. */
  String dial() {
    if (header != null) {
      return header;
    }
    return isSameOrigin() ? own : referer;
  }

  /**
   * The origin to which the session is bound: the page's, or the bridge's own if the request names
   * none.
   *
   * <p>Browsers send none in a same-origin GET, but do in the POST that follows. If Sec-Fetch-Site
   * shows that both are same-origin they count as equal, even if a proxy hides the bridge's own
   * origin from it.
   */
  String binding() {
    return header == null || isSameOrigin() ? own : header;
  }

  /** Whether another site caused the request without an origin, for example by an image. */
  boolean isForeignWithoutOrigin() {
    return header == null && (site.equals("cross-site") || site.equals("same-site"));
  }

  boolean isCrossSite() {
    return site.equals("cross-site");
  }

  private boolean isSameOrigin() {
    return site.equals("same-origin");
  }

  /** Whether an Origin header is valid: {@code null}, or a scheme and a host. */
  public static boolean isWellFormed(String origin) {
    return Tokens.isVisible(origin, LONGEST)
        && (origin.equals("null") || SERIALIZED.matcher(origin).matches());
  }

  /** Whether it is an origin exactly as browsers write it, so that it can be compared. */
  static boolean isExact(String origin) {
    return isWellFormed(origin) && origin.equals(ofUrl(origin));
  }

  /** Whether it is a host, with or without a port. */
  public static boolean isHost(String host) {
    return HOST_AND_PORT.matcher(host).matches();
  }

  /** A host as in a Host header: without the scheme's default port. */
  public static String host(String scheme, String name, int port) {
    return name + (port == defaultPort(scheme) ? "" : ":" + port);
  }

  /** An origin as browsers write it: lower case, without the scheme's default port. */
  static String serialize(String scheme, String host) {
    String origin = (scheme + "://" + host).toLowerCase(Locale.ROOT);
    String ending = ":" + defaultPort(scheme.toLowerCase(Locale.ROOT));
    return origin.endsWith(ending)
        ? origin.substring(0, origin.length() - ending.length())
        : origin;
  }

  /** The origin of a URL, or null if it has none. */
  private static String ofUrl(String url) {
    Matcher matcher = URL.matcher(url);
    return matcher.matches() ? serialize(matcher.group(1), matcher.group(2)) : null;
  }

  private static int defaultPort(String scheme) {
    return switch (scheme) {
      case "http" -> 80;
      case "https" -> 443;
      default -> -1;
    };
  }
}
