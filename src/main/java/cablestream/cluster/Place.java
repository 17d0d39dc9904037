package cablestream.cluster;

/** Where a request is to be served. */
public sealed interface Place {
  /** By this node. */
  record Here() implements Place {}

  /** By another node. */
  record There(Node node) implements Place {}

  /** By a node other than the one that it was handed on to, which is this one. */
  record Elsewhere() implements Place {}

  /** By a node that can't be found now. */
  record Unknown() implements Place {}

  /** Too many requests wait for the store. */
  record Busy() implements Place {}
}
