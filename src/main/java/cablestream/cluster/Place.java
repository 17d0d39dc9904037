package cablestream.cluster;

/** Which node serves a request. */
public sealed interface Place {
  /** This node. */
  record Here() implements Place {}

  /** Another node. */
  record There(Node node) implements Place {}

  /** A node other than the one to which it was relayed, which is this one. */
  record Elsewhere() implements Place {}

  /** A node that can't be found now. */
  record Unknown() implements Place {}

  /** None: too many requests wait for the store. */
  record Busy() implements Place {}
}
