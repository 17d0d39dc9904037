package cablestream.cable;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The server's URL, and the limits of cables.
 *
 * @param url {@code ws}, {@code wss}, {@code http} or {@code https} (stored as the first two), with
 *     host, without user and fragment
 * @param paths other paths that a client may name in place of that URL's
 * @param maxMessage bytes of a message; a larger one is discarded while it is read. 1 KiB to 1 GiB
 * @param reconnect when a lost cable is dialled again
 */
public record CableSettings(
    URI url,
    CablePaths paths,
    int maxMessage,
    Timeouts timeouts,
    ReconnectPolicy reconnect,
    Dialling dialling) {
  /**
   * Time limits of the server.
   *
   * @param connect for the TCP and TLS handshakes with one address
   * @param welcome for a whole dial, including the welcome
   * @param stale for the next frame of a cable that is being read, which otherwise counts as lost
   */
  public record Timeouts(Duration connect, Duration welcome, Duration stale) {}

  /**
   * Limits of dials.
   *
   * @param max simultaneous dials of all sessions
   * @param maxWaiting first dials that may wait for their turn
   * @param turn the longest wait of a first dial for its turn
   */
  public record Dialling(int max, int maxWaiting, Duration turn) {}

  private static final Set<String> SCHEMES = Set.of("ws", "wss");

  /** A second URL after the first, which would otherwise be read as part of its path. */
  private static final Pattern SEVERAL = Pattern.compile("[,;|](ws|http)s?://");

  /**
   * @throws IllegalArgumentException if a value is out of its range; the message names it
   */
  public CableSettings {
    url = checkedUrl(url);
    check(maxMessage >= 1 << 10 && maxMessage <= 1 << 30, "maxMessage", maxMessage);
    check(isPositive(timeouts.connect), "connect", timeouts.connect);
    check(isPositive(timeouts.welcome), "welcome", timeouts.welcome);
    check(isPositive(timeouts.stale), "stale", timeouts.stale);
    Duration min = reconnect.minBackoff();
    Duration max = reconnect.maxBackoff();
    check(isPositive(min), "minBackoff", min);
    check(max.compareTo(min) >= 0, "maxBackoff", max);
    check(dialling.max >= 1, "maxDials", dialling.max);
    check(dialling.maxWaiting >= 0, "maxWaiting", dialling.maxWaiting);
    check(isPositive(dialling.turn), "turn", dialling.turn);
  }

  /**
   * Whether a client may name this path.
   *
   * @param path any text; empty if it names none
   */
  boolean allows(String path) {
    return path.isEmpty() || paths.ignored() || path.equals(url.getRawPath()) || paths.allow(path);
  }

  /**
   * The URL of one dial: the application's query is appended to the configured one.
   *
   * @param path an {@linkplain #allows allowed} one
   * @param query empty for none
   */
  URI url(String path, String query) {
    boolean own = path.isEmpty() || paths.ignored();
    StringBuilder dialled = new StringBuilder();
    dialled.append(url.getScheme()).append("://").append(url.getRawAuthority());
    dialled.append(own ? url.getRawPath() : path);
    char separator = '?';
    if (url.getRawQuery() != null) {
      dialled.append(separator).append(url.getRawQuery());
      separator = '&';
    }
    if (!query.isEmpty()) {
      dialled.append(separator).append(QueryText.legal(query));
    }
    return URI.create(dialled.toString());
  }

  /**
   * The URL with {@code ws} or {@code wss}, and a path.
   *
   * @throws IllegalArgumentException if it is invalid
   */
  public static URI checkedUrl(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    String mapped = scheme.startsWith("http") ? "ws" + scheme.substring(4) : scheme;
    check(SCHEMES.contains(mapped) && url.getHost() != null, "url", url);
    check(url.getRawUserInfo() == null, "url", "one with a user in it");
    check(url.getRawFragment() == null, "url", "one with a fragment");
    check(!SEVERAL.matcher(url.toString()).find(), "url", "several");
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    try {
      return new URI(mapped + "://" + url.getRawAuthority() + path + query);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("url: " + e.getReason(), e);
    }
  }

  private static boolean isPositive(Duration duration) {
    return duration.compareTo(Duration.ofMillis(1)) >= 0;
  }

  private static void check(boolean right, String name, Object value) {
    if (!right) {
      throw new IllegalArgumentException(name + " is invalid: " + value);
    }
  }
}
