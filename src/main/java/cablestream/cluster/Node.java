package cablestream.cluster;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * A running bridge.
 *
 * @param id another one for each start, of 16 characters
 * @param address how others reach it, context path included, without a slash at its end
 * @param accepting whether it lets new sessions in
 * @param protocol the version that it speaks of what nodes say to one another, 0 or more. A node
 *     speaks to an older one as that does, one version back at least.
 */
public record Node(String id, URI address, boolean accepting, int protocol) {
  /**
   * The version of this code. 1: a request that is handed on says its version, and its query is in
   * a header.
   */
  public static final int PROTOCOL = 1;

  /** What both speak. */
  public int common() {
    return Math.min(protocol, PROTOCOL);
  }

  /**
   * As the store has it: one word after the other. The version is the address' fragment, which
   * nodes of version 0 ignore.
   */
  String line() {
    return id + ' ' + address + '#' + protocol + ' ' + (accepting ? '1' : '0');
  }

  /** The node of such a line; null where it is none. */
  static Node of(String line) {
    String[] words = line.split(" ");
    if (words.length != 3) {
      return null;
    }
    String[] address = words[1].split("#", 2);
    try {
      int protocol = address.length == 1 ? 0 : Integer.parseInt(address[1]);
      return new Node(words[0], new URI(address[0]), words[2].equals("1"), protocol);
    } catch (URISyntaxException | NumberFormatException e) {
      return null;
    }
  }
}
