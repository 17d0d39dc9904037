package cablestream.cluster;

import java.util.List;

/**
 * What the nodes agree on. Each call blocks, for {@link StoreConnection#PATIENCE_MILLIS} or so at
 * the most, and may throw a RuntimeException where the store can't be reached.
 */
interface Store extends AutoCloseable {
  /**
   * What a node learns each second.
   *
   * @param known whether its lease was still there
   * @param nodes the lines of those that live, its own included
   * @param taken keys of claims that others have taken from it since
   */
  record Beat(boolean known, List<String> nodes, List<String> taken) {}

  /**
   * Renews a node's lease.
   *
   * @param line what others learn of it
   * @param former the line before, which goes; the same where it hasn't changed
   */
  Beat beat(String node, String line, String former);

  /** The lines of the nodes that live. */
  List<String> nodes();

  /**
   * Says that nodes with this one's secret use the store.
   *
   * @return how many other secrets nodes have that used it in the last {@link
   *     ValkeyStore#SECRET_MILLIS}
   */
  int otherSecrets();

  /** Ends a node's lease, and with it all its claims. */
  void leave(String node, String line);

  /**
   * Claims keys for a node, where they are nobody's; those that it has already stay for as long
   * again.
   *
   * @return whose they are then, in the same order
   */
  List<String> claim(String node, List<String> keys);

  /** Whose keys are, in the same order; null for nobody's. */
  List<String> owners(List<String> keys);

  /**
   * Takes each key from a node, if it is still that node's, and lets that node know.
   *
   * @param from the nodes, in the same order
   * @return whose they are then, in the same order
   */
  List<String> take(String node, List<String> keys, List<String> from);

  /** Gives keys up that are the node's. */
  void release(String node, List<String> keys);

  /** Lets keys of a node stay for as long again, without anybody's claiming them. */
  void renew(String node, List<String> keys, long milliseconds);

  @Override
  void close();
}
