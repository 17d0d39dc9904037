package cablestream.cluster;

import java.util.function.Consumer;

/**
 * The port to the other nodes: which of them has a session, and how a request is handed on to it.
 * Any thread.
 */
public interface Nodes {
  /** The header by which one node tells another who it is, and whom it stands for. */
  String SIGNATURE = "Cablestream-Relay";

  /**
   * The status of a node's answer to what another node should have got (RFC 9110, 15.5.20: "not
   * able to produce a response for the target URI").
   */
  int MISDIRECTED = 421;

  /** The header of a node's answer to another: its id. What lacks it isn't a node's answer. */
  String ANSWERING = "Cablestream-Node";

  /** There are no others. */
  Nodes NO_OTHERS =
      new Nodes() {
        @Override
        public boolean areOthers() {
          return false;
        }

        @Override
        public String id() {
          return null;
        }

        @Override
        public String state() {
          return null;
        }

        @Override
        public void find(Question question, Consumer<Place> then) {
          then.accept(new Place.Here());
        }

        @Override
        public Node known(String session) {
          return null;
        }

        @Override
        public void forget(String session) {}

        @Override
        public void handOn(Node to, HandedOn request, Answer answer) {
          throw new IllegalStateException("there are no other nodes");
        }

        @Override
        public Claimed verified(String header, HandedOn request) {
          return new Claimed.Forged();
        }
      };

  /**
   * What is asked.
   *
   * @param session names the session: its events-id, and of a trial that it is one
   * @param opens whether the request opens the session if there is none
   * @param handedOn whether another node has handed the request on
   * @param vain a node that has been asked in vain, and whose claim no longer counts; null for none
   */
  record Question(String session, boolean opens, boolean handedOn, Node vain) {
    /** The same, of a request that a node couldn't, or wouldn't, take. */
    public Question after(Node node) {
      return new Question(session, opens, handedOn, node);
    }
  }

  /** Where a request is to be served. */
  sealed interface Place {
    /** By this node. */
    record Here() implements Place {}

    /** By another. */
    record There(Node node) implements Place {}

    /** By another than the one that it was handed on to, which is this node. */
    record Elsewhere() implements Place {}

    /** By one that can't be found out now. */
    record Unknown() implements Place {}

    /** Too much is being asked. */
    record Busy() implements Place {}
  }

  /** What a request is that says that a node has handed it on. */
  sealed interface Claimed {
    /** It has, and the request came to it from there. */
    record HandedOn(Origin origin) implements Claimed {}

    /** It has, but to another node: whoever sent it has to look again. */
    record ForAnother() implements Claimed {}

    /** It has, and it came before. */
    record Repeated() implements Claimed {}

    /** No node of this cluster has. */
    record Forged() implements Claimed {}
  }

  /** Whether there may be others at all. */
  boolean areOthers();

  /** Whether another one lets new sessions in, as far as this one knows. */
  default boolean doOthersAccept() {
    return false;
  }

  /** This node's id; null where it is the only one. */
  String id();

  /** {@code up} or {@code down}, as the store is; null where this node is the only one. */
  String state();

  /** Finds a session's place, and claims it for this node where it opens here. */
  void find(Question question, Consumer<Place> then);

  /** The node that was found for the session a short time ago; null for none. */
  Node known(String session);

  /** That node doesn't have it any more. */
  void forget(String session);

  /** Sends a request to another node. */
  void handOn(Node to, HandedOn request, Answer answer);

  /**
   * Whether another node has handed a request on, as that says.
   *
   * @param header the request's {@link #SIGNATURE}
   */
  Claimed verified(String header, HandedOn request);
}
