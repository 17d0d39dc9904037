package cablestream.cluster;

import java.net.URI;

/**
 * How nodes find one another.
 *
 * @param store where Valkey or Redis is, 7 or later; see {@link ValkeyStore}
 * @param secret what only the nodes know
 * @param address how the others reach this node, context path included, without a slash at its end;
 *     where its host is {@link #OWN_HOST}, the address by which this machine reaches the store
 *     takes its place
 */
public record ClusterSettings(URI store, String secret, URI address) {
  /** Stands for this machine's own address (RFC 6761 keeps it from being anybody's). */
  public static final String OWN_HOST = "own.invalid";

  /** What a store's URL may be, for an operator who is told. */
  public static final String STORES = StoreAddress.ALLOWED;

  /** The same, at this address. */
  public ClusterSettings at(URI other) {
    return new ClusterSettings(store, secret, other);
  }

  /** The same store. @throws IllegalArgumentException says what it may be */
  public static URI checkedStore(String uri) {
    StoreAddress.of(URI.create(uri));
    return URI.create(uri);
  }
}
