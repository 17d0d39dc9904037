package cablestream.cluster;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * A running bridge.
 *
 * @param id another one for each start, of 16 characters
 * @param address how others reach it, context path included, without a slash at its end
 * @param accepting whether it lets new sessions in
 */
public record Node(String id, URI address, boolean accepting) {
  /** As the store has it: one word after the other. */
  String line() {
    return id + ' ' + address + ' ' + (accepting ? '1' : '0');
  }

  /** The node of such a line; null where it is none. */
  static Node of(String line) {
    String[] words = line.split(" ");
    try {
      return words.length == 3 ? new Node(words[0], new URI(words[1]), words[2].equals("1")) : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
