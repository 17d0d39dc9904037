package cablestream.cluster;

/**
 * Asks which node serves a request.
 *
 * @param session the session's name: its events-id, and whether it is a trial
 * @param network of the client, as {@code Caller.address} names it
 * @param weight the size of the waiting request in the heap, in bytes
 * @param opens whether the request opens the session if there is none
 * @param handedOn whether another node has relayed the request
 * @param excluded a node that couldn't or wouldn't serve it, and whose claim no longer counts; null
 *     for none
 */
public record Question(
    String session, String network, long weight, boolean opens, boolean handedOn, Node excluded) {
  /** A copy for a request that this node couldn't or wouldn't serve. */
  public Question excluding(Node node) {
    return new Question(session, network, weight, opens, handedOn, node);
  }

  /** A copy for a request of this size in the heap, in bytes. */
  public Question weighing(long bytes) {
    return new Question(session, network, bytes, opens, handedOn, excluded);
  }
}
