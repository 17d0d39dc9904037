package cablestream.cluster;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * A running bridge.
 *
 * @param id another one for each start, of 16 characters
 * @param address at which others reach it, including the context path, without a slash at its end
 * @param accepting whether it accepts new sessions
 * @param protocol the version of the nodes' protocol that it supports, 1 or more. A node uses an
 *     older node's version, at least one version back
 */
public record Node(String id, URI address, boolean accepting, int protocol) {
  /** The version of this code, since release 1.0.0. */
  public static final int PROTOCOL = 1;

  /** The version that both support. */
  public int common() {
    return Math.min(protocol, PROTOCOL);
  }

  /** The node as a line in the store: {@code id address#protocol accepting}, the last 0 or 1. */
  String line() {
    return id + ' ' + address + '#' + protocol + ' ' + (accepting ? '1' : '0');
  }

  /** The node of such a line; null if it is invalid. */
  static Node of(String line) {
    String[] words = line.split("[ #]");
    if (words.length != 4) {
      return null;
    }
    try {
      int protocol = Integer.parseInt(words[2]);
      return new Node(words[0], new URI(words[1]), words[3].equals("1"), protocol);
    } catch (URISyntaxException | NumberFormatException e) {
      return null;
    }
  }
}
