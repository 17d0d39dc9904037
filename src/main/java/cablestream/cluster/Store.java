package cablestream.cluster;

import java.util.Collection;
import java.util.List;
import java.util.Map;

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
   * @return the owners afterwards, by key; a map of the caller's own
   */
  Map<String, String> claim(String node, Collection<String> keys);

  /** The owners of the keys, by key; null for none. */
  Map<String, String> owners(Collection<String> keys);

  /**
   * Takes each key over from a node, if that node still owns it, and notifies that node.
   *
   * @param from the nodes, by key
   * @return the owners afterwards, by key
   */
  Map<String, String> take(String node, Map<String, String> from);

  /** Releases keys that the node owns. */
  void release(String node, Collection<String> keys);

  /** Extends the time to live of a node's keys. */
  void renew(String node, Collection<String> keys, long milliseconds);

  @Override
  void close();
}
