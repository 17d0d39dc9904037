package cablestream.cluster;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A store's address, from its URL.
 *
 * @param user null for none
 * @param password null for none
 * @param master its name for the sentinels; null without sentinels
 */
record StoreAddress(
    Kind kind,
    boolean tls,
    String user,
    String password,
    List<Host> hosts,
    int database,
    String master) {

  /** Not Jedis' class, as code that reads settings may run without Jedis. */
  record Host(String name, int port) {}

  enum Kind {
    SINGLE,
    SENTINEL,
    CLUSTER
  }

  /** The format of a URL, for error messages. */
  static final String ALLOWED =
      "redis://[user:password@]host[:port][/database], or rediss:// for TLS; with sentinels"
          + " redis-sentinel://[user:password@]host:port,…/master, of a cluster"
          + " redis-cluster://[user:password@]host:port,… (rediss-… for TLS)";

  private static final Pattern URL =
      Pattern.compile(
          "redis(s?)(-sentinel|-cluster)?://(?:([^:@/]*):([^@/]*)@)?([^/@?#]+)(?:/([^/?#]*))?");

  private static final int PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  /**
   * Parses the URL.
   *
   * @throws IllegalArgumentException if it is invalid
   */
  static StoreAddress of(URI uri) {
    Matcher matcher = URL.matcher(uri.toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(ALLOWED);
    }
    Kind kind =
        matcher.group(2) == null
            ? Kind.SINGLE
            : matcher.group(2).equals("-sentinel") ? Kind.SENTINEL : Kind.CLUSTER;
    String path = matcher.group(6) == null ? "" : matcher.group(6);
    boolean pathFits =
        switch (kind) {
          case SINGLE -> path.matches("\\d{0,5}");
          case SENTINEL -> !path.isEmpty();
          case CLUSTER -> path.isEmpty();
        };
    List<Host> hosts = hosts(matcher.group(5), kind);
    if (!pathFits || kind == Kind.SINGLE && hosts.size() > 1) {
      throw new IllegalArgumentException(ALLOWED);
    }
    return new StoreAddress(
        kind,
        !matcher.group(1).isEmpty(),
        decoded(matcher.group(3)),
        decoded(matcher.group(4)),
        hosts,
        kind == Kind.SINGLE && !path.isEmpty() ? Integer.parseInt(path) : 0,
        kind == Kind.SENTINEL ? path : null);
  }

  private static List<Host> hosts(String list, Kind kind) {
    List<Host> hosts = new ArrayList<>();
    for (String each : list.split(",")) {
      Matcher matcher = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:]+)(?::(\\d{1,5}))?").matcher(each);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(ALLOWED);
      }
      int port = kind == Kind.SENTINEL ? SENTINEL_PORT : PORT;
      String host = matcher.group(1).replaceAll("[\\[\\]]", "");
      hosts.add(
          new Host(host, matcher.group(2) == null ? port : Integer.parseInt(matcher.group(2))));
    }
    return hosts;
  }

  /** Null if it is empty: {@code redis://:password@host} names no user. */
  private static String decoded(String text) {
    return text == null || text.isEmpty()
        ? null
        : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
