package cablestream.http.request;

import cablestream.browser.Digest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an operator may set on the browser's side.
 *
 * @param allowedOrigins exact origins; empty: whatever the cable accepts
 * @param trustedProxies whose forwarding headers are believed
 */
public record HttpSettings(
    Set<String> allowedOrigins,
    TrustedProxies trustedProxies,
    Dialling dialling,
    Bodies bodies,
    Polls polls,
    Pages pages) {

  /**
   * What is forwarded to the cable.
   *
   * @param host the {@code Host} for every dial; null: the client's
   * @param origin the {@code Origin} for every dial; null: the client's
   * @param forwardedHeaders further request headers that are sent
   * @param maxForwardedBytes of all that one session sends when it dials, query included
   */
  public record Dialling(
      String host, String origin, List<String> forwardedHeaders, int maxForwardedBytes) {
    /** Copies the list. @throws IllegalArgumentException says what is allowed */
    public Dialling {
      forwardedHeaders = List.copyOf(forwardedHeaders);
      if (origin != null) {
        checkedOrigin(origin);
      }
      if (host != null) {
        checkedHost(host);
      }
      forwardedHeaders.forEach(HttpSettings::checkedHeader);
      require(maxForwardedBytes > 0, "maxForwardedBytes: 1 or more");
    }
  }

  /**
   * The bodies of POSTs.
   *
   * @param max of one with commands, in bytes
   * @param maxTunnel of one with a tunnel's frames, in bytes
   * @param maxCommands of one POST
   * @param maxDepth arrays and objects inside one another in an identifier or in a send's data
   */
  public record Bodies(int max, int maxTunnel, int maxCommands, int maxDepth) {
    /** Checks them. @throws IllegalArgumentException says what is allowed */
    public Bodies {
      require(max > 0 && maxTunnel > 0, "max, maxTunnel: 1 or more");
      require(maxCommands > 0, "maxCommands: 1 or more");
      require(maxDepth > 0 && maxDepth <= MAX_DEPTH, "maxDepth: 1 to " + MAX_DEPTH);
    }
  }

  /**
   * Long polls that name nothing else.
   *
   * @param timeout 0 to 60 s
   * @param queue events in an answer
   */
  public record Polls(Duration timeout, int queue) {
    /** Checks them. @throws IllegalArgumentException says what is allowed */
    public Polls {
      require(
          !timeout.isNegative() && timeout.compareTo(MAX_POLL_TIMEOUT) <= 0, "timeout: 0 to 60 s");
      require(queue > 0 && queue <= MAX_POLL_QUEUE, "queue: 1 to " + MAX_POLL_QUEUE);
    }
  }

  /**
   * All that isn't a session.
   *
   * @param console whether the console page is served
   * @param operatorToken digest of what lets an operator in; null: nothing does
   */
  public record Pages(boolean console, Diagnosis diagnosis, Digest operatorToken) {}

  /**
   * The diagnosis page.
   *
   * @param served whether there is one
   * @param webSockets what it may dial beside its own origin: {@code wss://host}
   * @param application what the page calls the application; null for nothing
   * @param logo an image, by {@code https:} or by a path of the page's own host; null for none
   * @param support a mail address or an {@code https:} URL; null for none
   */
  public record Diagnosis(
      boolean served, Set<String> webSockets, String application, String logo, String support) {
    /** Copies the set. @throws IllegalArgumentException says what is allowed */
    public Diagnosis {
      webSockets = Set.copyOf(webSockets);
      webSockets.forEach(HttpSettings::checkedWebSocketOrigin);
    }
  }

  /** The longest poll, as section 4 of the protocol has it. */
  public static final Duration MAX_POLL_TIMEOUT = Duration.ofSeconds(60);

  /** The most events that a poll may ask for; a session's log has no more by default. */
  public static final int MAX_POLL_QUEUE = 1_000;

  /** What an origin is, in a setting. */
  public static final String ORIGIN =
      "an origin as a browser writes it: scheme://host or scheme://host:port in lower case, without"
          + " path, slash at the end, default port or wildcard";

  /** What such an origin is, in a setting. */
  public static final String WEBSOCKET_ORIGIN =
      "a WebSocket's origin: wss://host or wss://host:port (or ws:) in lower case, without path";

  /** Deeper than any data, and far from where a thread's stack ends. */
  public static final int MAX_DEPTH = 500;

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{16,}=*");
  private static final int MAX_TOKEN = 256;

  /** Headers that the bridge or WebSocket's handshake (RFC 6455, 4.1) writes itself. */
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

  /** Copies the origins. @throws IllegalArgumentException says what is allowed */
  public HttpSettings {
    allowedOrigins = Set.copyOf(allowedOrigins);
    allowedOrigins.forEach(HttpSettings::checkedOrigin);
  }

  /** What protocol.md and settings.md promise when nothing is set. */
  public static HttpSettings defaults() {
    return new HttpSettings(
        Set.of(),
        TrustedProxies.DEFAULT,
        new Dialling(null, null, List.of(), 16 * 1024),
        new Bodies(64 * 1024, 1024 * 1024, 100, 64),
        new Polls(Duration.ofSeconds(25), 32),
        new Pages(true, new Diagnosis(true, Set.of(), null, null, null), null));
  }

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
   * The digest of an operator's token, which itself isn't kept.
   *
   * @throws IllegalArgumentException where it is short or can't be sent (RFC 6750, 2.1)
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
