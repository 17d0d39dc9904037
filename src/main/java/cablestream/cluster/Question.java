package cablestream.cluster;

/**
 * Which node is to serve a request.
 *
 * @param session names the session: its events-id, and of a trial that it is one
 * @param network of the client, as {@code Caller.address} names it
 * @param weight bytes of the heap that the request takes while it waits
 * @param opens whether the request opens the session if there is none
 * @param handedOn whether another node has handed the request on
 * @param excluded a node that couldn't or wouldn't serve it, and whose claim no longer counts; null
 *     for none
 */
public record Question(
    String session, String network, long weight, boolean opens, boolean handedOn, Node excluded) {
  /** The same, of a request that this node couldn't or wouldn't serve. */
  public Question excluding(Node node) {
    return new Question(session, network, weight, opens, handedOn, node);
  }
}
