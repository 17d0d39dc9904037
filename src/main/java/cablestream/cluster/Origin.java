package cablestream.cluster;

/**
 * How the node that was asked first was reached.
 *
 * @param peer the address at the other end of its connection
 * @param scheme {@code http} or {@code https}
 */
public record Origin(String peer, String scheme) {
  /** Of a request that was signed for another node: whoever sent it has to look again. */
  public static final Origin ANOTHER_NODES = new Origin("another node's", "");

  /** Of one that has come before. */
  public static final Origin REPEATED = new Origin("repeated", "");
}
