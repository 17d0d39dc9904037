package cablestream.http.request;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;

/**
 * How the client reached the bridge: from forwarding headers if the peer is trusted, otherwise from
 * the connection.
 *
 * @param scheme {@code http} or {@code https}
 * @param host with the port, if the client named one
 * @param port the host's port, otherwise the scheme's default
 * @param forwardedFor the addresses on the way, the peer's last
 * @param realIp the client's own address, as far as trusted proxies report it
 */
public record Forwarding(String scheme, String host, int port, String forwardedFor, String realIp) {

  /** Reads the request. @throws RefusedException 400 if its host is invalid */
  public static Forwarding of(HttpServletRequest request, TrustedProxies trusted) {
    String peer = IpAddress.canonical(request.getRemoteAddr());
    boolean believed = trusted.contains(peer);
    String scheme =
        scheme(believed ? Headers.value(request, "X-Forwarded-Proto", ",") : null, request);
    String host = host(believed ? Headers.value(request, "X-Forwarded-Host", ",") : null, request);
    int port =
        port(believed ? Headers.value(request, "X-Forwarded-Port", ",") : null, host, scheme);
    String before = believed ? Headers.value(request, "X-Forwarded-For", ", ") : null;
    String forwardedFor = before == null ? peer : before + ", " + peer;
    // Many proxies append to X-Forwarded-For, and pass on X-Real-IP as the client sent it.
    String named = believed && before == null ? Headers.value(request, "X-Real-IP", ",") : null;
    boolean isNamed = named != null && IpAddress.parse(named) != null;
    return new Forwarding(
        scheme, host, port, forwardedFor, isNamed ? named : client(forwardedFor, trusted));
  }

  /** Whether the client speaks HTTPS. */
  boolean isSecure() {
    return scheme.equals("https");
  }

  /** The network under which sessions are counted; see {@link IpAddress#network}. */
  public String network() {
    IpAddress address = IpAddress.parse(realIp);
    return address == null ? realIp : address.network();
  }

  /** The bridge's own origin, as a browser writes it. */
  String ownOrigin() {
    return Origins.serialize(scheme, host);
  }

  /** Of several values the first, that of the client's own connection. */
  private static String scheme(String forwarded, HttpServletRequest request) {
    String scheme = forwarded == null ? "" : forwarded.split(",", 2)[0].strip();
    scheme = scheme.toLowerCase(Locale.ROOT);
    return scheme.equals("http") || scheme.equals("https") ? scheme : request.getScheme();
  }

  /** Of several values the last, as in Rails: proxies append to what the client sent. */
  private static String host(String forwarded, HttpServletRequest request) {
    if (forwarded != null) {
      String last = forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
      if (Origins.isHost(last)) {
        return last;
      }
    }
    String host = hostHeader(request);
    if (!Origins.isHost(host)) {
      throw new RefusedException(400, "the Host header must be a name or an address");
    }
    return host;
  }

  /**
   * The Host header. An HTTP/1.0 client may send none, and a container may not expose HTTP/2's
   * {@code :authority} as one.
   */
  public static String hostHeader(HttpServletRequest request) {
    String host = Headers.value(request, "Host", ",");
    return host == null
        ? Origins.host(request.getScheme(), request.getServerName(), request.getServerPort())
        : host;
  }

  private static int port(String forwarded, String host, String scheme) {
    if (forwarded != null && Tokens.isDigits(forwarded, 5)) {
      return Integer.parseInt(forwarded);
    }
    int colon = host.lastIndexOf(':');
    if (colon > host.lastIndexOf(']')) {
      return Integer.parseInt(host.substring(colon + 1));
    }
    return scheme.equals("https") ? 443 : 80;
  }

  /** The nearest address that isn't a trusted proxy's; the farthest one if all are. */
  private static String client(String forwardedFor, TrustedProxies trusted) {
    int comma = forwardedFor.lastIndexOf(',');
    String client = forwardedFor.substring(comma + 1).strip();
    while (comma >= 0 && trusted.contains(client)) {
      int end = comma;
      comma = forwardedFor.lastIndexOf(',', end - 1);
      String next = forwardedFor.substring(comma + 1, end).strip();
      if (IpAddress.parse(next) == null) {
        break;
      }
      client = next;
    }
    return client;
  }
}
