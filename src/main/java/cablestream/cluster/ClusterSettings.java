package cablestream.cluster;

import java.net.InetAddress;
import java.net.URI;

/**
 * How nodes find one another.
 *
 * @param store the address of Valkey or Redis, 7 or later; see {@link ValkeyStore}
 * @param secret shared by the nodes only
 * @param address at which the others reach this node, including the context path, without a slash
 *     at its end; the host {@link #OWN_HOST} is replaced by the address from which this machine
 *     reaches the store
 */
public record ClusterSettings(URI store, String secret, URI address) {
  /** Represents this machine's own address (reserved by RFC 6761, so no host has this name). */
  public static final String OWN_HOST = "own.invalid";

  /** The format of a store's URL, for error messages. */
  public static final String STORES = StoreAddress.ALLOWED;

  /**
   * The address of a node that has none configured: where it listens, unless that is this machine
   * only or every address of it; otherwise {@link #OWN_HOST}.
   *
   * @param listening null if unknown
   * @param path the context path
   */
  public static URI ownAddress(InetAddress listening, String port, String path) {
    boolean isOne =
        listening != null && !listening.isLoopbackAddress() && !listening.isAnyLocalAddress();
    return URI.create("http://" + (isOne ? literal(listening) : OWN_HOST) + ":" + port + path);
  }

  /** An address as a URL's host. */
  static String literal(InetAddress address) {
    String host = address.getHostAddress().replaceFirst("%.*", "");
    return host.contains(":") ? "[" + host + "]" : host;
  }

  /** A copy with this address. */
  public ClusterSettings at(URI other) {
    return new ClusterSettings(store, secret, other);
  }

  /**
   * Validates a store's URL, and returns it.
   *
   * @throws IllegalArgumentException with the valid format
   */
  public static URI checkedStore(String uri) {
    StoreAddress.of(URI.create(uri));
    return URI.create(uri);
  }
}
