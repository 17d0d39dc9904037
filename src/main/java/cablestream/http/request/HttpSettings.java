package cablestream.http.request;

import cablestream.browser.Digest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The settings of the browser's side.
 *
 * @param allowedOrigins exact origins; empty for any that the server accepts
 * @param trustedProxies the peers whose forwarding headers are trusted
 */
public record HttpSettings(
    Set<String> allowedOrigins,
    TrustedProxies trustedProxies,
    Dialling dialling,
    Bodies bodies,
    Polls polls,
    Pages pages) {

  /**
   * What is forwarded to the server.
   *
   * @param host the {@code Host} for every dial; null for the client's
   * @param origin the {@code Origin} for every dial; null for the client's
   * @param forwardedHeaders further request headers to send
   * @param maxForwardedBytes of everything that one session sends with a dial, including the query
   */
  public record Dialling(
      String host, String origin, List<String> forwardedHeaders, int maxForwardedBytes) {}

  /**
   * The bodies of POSTs.
   *
   * @param max the largest with commands, in bytes
   * @param maxTunnel the largest with a tunnel's frames, in bytes
   * @param maxCommands the largest number in one POST
   * @param maxDepth levels of nested arrays and objects in an identifier or in a send's data
   */
  public record Bodies(int max, int maxTunnel, int maxCommands, int maxDepth) {}

  /**
   * The defaults of long polls.
   *
   * @param timeout 0 to 60 s
   * @param queue the largest number of events in a response
   */
  public record Polls(Duration timeout, int queue) {}

  /**
   * Everything but sessions.
   *
   * @param console whether the console page is served
   * @param operatorToken digest of the operator's token; null disables the operator endpoints
   */
  public record Pages(boolean console, Diagnosis diagnosis, Digest operatorToken) {}

  /**
   * The diagnosis page.
   *
   * @param served whether it is served
   * @param webSockets origins that it may dial besides its own: {@code wss://host}
   * @param application the application's name on the page; null for none
   * @param logo an image, by {@code https:} or by a path of the page's own host; null for none
   * @param support a mail address or an {@code https:} URL; null for none
   */
  public record Diagnosis(
      boolean served, Set<String> webSockets, String application, String logo, String support) {}

  /** The longest poll, as in section 4 of the protocol. */
  public static final Duration MAX_POLL_TIMEOUT = Duration.ofSeconds(60);

  /**
   * The largest number of events that a poll may request; a session's log has no more by default.
   */
  public static final int MAX_POLL_QUEUE = 1_000;

  /** The format of an origin in a setting. */
  public static final String ORIGIN =
      "an origin as a browser writes it: scheme://host or scheme://host:port in lower case, without"
          + " path, slash at the end, default port or wildcard";

  /** The format of a WebSocket's origin in a setting. */
  public static final String WEBSOCKET_ORIGIN =
      "a WebSocket's origin: wss://host or wss://host:port (or ws:) in lower case, without path";

  /** Deeper than any real data, and far below what overflows a thread's stack. */
  public static final int MAX_DEPTH = 500;

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{16,}=*");
  private static final int MAX_TOKEN = 256;

  /** Headers that the bridge or the WebSocket handshake (RFC 6455, 4.1) writes itself. */
  private static final Set<String> RESERVED =
      Set.of(
          "accept-language",
          "authorization",
          "connection",
          "content-length",
          "content-type",
          "cookie",
          "expect",
          "forwarded",
          "host",
          "keep-alive",
          "origin",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent",
          "via",
          "x-real-ip");

  private static final List<String> RESERVED_PREFIXES =
      List.of("sec-websocket-", "proxy-", "x-forwarded-");

  /** The same origin. @throws IllegalArgumentException where it is none */
  public static String checkedOrigin(String origin) {
    require(Origins.isExact(origin), ORIGIN);
    return origin;
  }

  /** The same origin. @throws IllegalArgumentException where no WebSocket can have it */
  public static String checkedWebSocketOrigin(String origin) {
    require(origin.matches("wss?://.*") && Origins.isExact(origin), WEBSOCKET_ORIGIN);
    return origin;
  }

  /** The same host, with or without a port. @throws IllegalArgumentException where it is none */
  public static String checkedHost(String host) {
    require(Origins.isHost(host), "a host is a name or an address, and maybe a port");
    return host;
  }

  /** The same header's name. @throws IllegalArgumentException where it can't be forwarded */
  public static String checkedHeader(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    require(Tokens.isToken(name), "a header's name is a token (RFC 9110, 5.6.2)");
    require(
        !RESERVED.contains(lower) && RESERVED_PREFIXES.stream().noneMatch(lower::startsWith),
        "this header is written by the bridge itself: " + lower);
    return name;
  }

  /**
   * The digest of an operator's token, which isn't stored itself.
   *
   * @throws IllegalArgumentException if it is too short or can't be sent (RFC 6750, 2.1)
   */
  public static Digest tokenDigest(String token) {
    require(
        TOKEN.matcher(token).matches() && token.length() <= MAX_TOKEN,
        "a token has 16 to 256 characters of RFC 6750");
    return Digest.of(token);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
