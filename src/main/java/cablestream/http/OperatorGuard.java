package cablestream.http;

import cablestream.session.Digest;
import cablestream.session.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Who may operate the bridge: whoever has the operator's token, and whoever has a shell on its
 * machine. A proxy on the same machine is a loopback peer too, and a browser there can be made to
 * send requests to loopback; so without the token the request must come from loopback, name
 * loopback as its host, come from no page but the bridge's own and have passed no proxy.
 */
final class OperatorGuard {
  private static final List<String> PASSED_ON = List.of("forwarded", "via", "x-real-ip");
  private static final String PASSED_ON_PREFIX = "x-forwarded-";
  private static final String BEARER = "bearer ";

  private final Digest token;

  /**
   * @param token null: none lets anybody in
   */
  OperatorGuard(Digest token) {
    this.token = token;
  }

  /** Whether the request is an operator's. A token that is shown must be right. */
  boolean admits(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    return token != null && authorization != null
        ? isToken(authorization)
        : isFromThisMachine(request);
  }

  /** Whether an operator on another machine could be let in. */
  boolean knowsToken() {
    return token != null;
  }

  /** Answers a request that isn't an operator's. */
  void refuse(HttpServletResponse response) throws IOException {
    if (token == null) {
      Replies.refuse(
          new Refusal(
              403,
              "only from this machine itself, not through a proxy; from elsewhere once"
                  + " operator.token is set"),
          response);
    } else {
      response.setHeader("WWW-Authenticate", "Bearer realm=\"cablestream\"");
      Replies.refuse(new Refusal(401, "the operator's token is wanted, as a Bearer"), response);
    }
  }

  /** Digests are compared, and in constant time. */
  private boolean isToken(String authorization) {
    return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && Digest.of(authorization.substring(BEARER.length()).strip()).equals(token);
  }

  private static boolean isFromThisMachine(HttpServletRequest request) {
    return isLoopback(request.getRemoteAddr())
        && isLoopbackHost(request.getHeader("Host"))
        && isFromNoOtherPage(request)
        && Collections.list(request.getHeaderNames()).stream()
            .noneMatch(OperatorGuard::tellsOfProxy);
  }

  /** The status page's own requests have an Origin when they change something. */
  private static boolean isFromNoOtherPage(HttpServletRequest request) {
    String origin = request.getHeader("Origin");
    String site = request.getHeader("Sec-Fetch-Site");
    return (origin == null
            || origin.equals(request.getScheme() + "://" + request.getHeader("Host")))
        && (site == null || site.equals("same-origin") || site.equals("none"));
  }

  private static boolean tellsOfProxy(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    return PASSED_ON.contains(name) || name.startsWith(PASSED_ON_PREFIX);
  }

  /** A name would be as good as its resolver, so only the one that every browser pins counts. */
  private static boolean isLoopbackHost(String host) {
    if (host == null) {
      return false;
    }
    String name = host.replaceFirst(":\\d+$", "");
    return name.equals("localhost") || isLoopback(name);
  }

  private static boolean isLoopback(String address) {
    if (address == null || !TrustedProxies.isAddress(address)) {
      return false;
    }
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
