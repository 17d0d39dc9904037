package cablestream.cluster;

import java.util.List;

/**
 * The data that the nodes share. Each call blocks, for about {@link
 * StoreConnection#PATIENCE_MILLIS} at most, and may throw a RuntimeException if the store is
 * unreachable.
 */
interface Store extends AutoCloseable {
  /**
   * The answer to a beat.
   *
   * @param known whether the node's lease still existed
   * @param nodes the lines of the live nodes, including its own
   * @param taken keys of claims that others have taken over from it since
   */
  record Beat(boolean known, List<String> nodes, List<String> taken) {}

  /**
   * Renews a node's lease.
   *
   * @param line the node's line for the others
   * @param former its previous line, which is removed; the same if it hasn't changed
   */
  Beat beat(String node, String line, String former);

  /** The lines of the live nodes. */
  List<String> nodes();

  /**
   * Records that nodes with this one's secret use the store.
   *
   * @return the number of other secrets among nodes that used it in the last {@link
   *     ValkeyStore#SECRET_MILLIS}
   */
  int otherSecrets();

  /** Ends a node's lease, and with it all its claims. */
  void leave(String node, String line);

  /**
   * Claims keys for a node, unless others own them; keys that it owns already are renewed.
   *
   * @return the owners afterwards, in the same order
   */
  List<String> claim(String node, List<String> keys);

  /** The owners of the keys, in the same order; null for none. */
  List<String> owners(List<String> keys);

  /**
   * Takes each key over from a node, if that node still owns it, and notifies that node.
   *
   * @param from the nodes, in the same order
   * @return the owners afterwards, in the same order
   */
  List<String> take(String node, List<String> keys, List<String> from);

  /** Releases keys that the node owns. */
  void release(String node, List<String> keys);

  /** Extends the time to live of a node's keys. */
  void renew(String node, List<String> keys, long milliseconds);

  @Override
  void close();
}
