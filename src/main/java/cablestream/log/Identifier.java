package cablestream.log;

import cablestream.memory.Weights;

/**
 * A subscription's identifier.
 *
 * @param json the JSON object as the client wrote it (without white space), key order and numbers
 *     unchanged, as it is sent to the server
 * @param chanId the first 128 bits, in hex, of the SHA-256 of its canonical form, so equivalent
 *     identifiers have the same
 */
public record Identifier(String json, String chanId) {
  private static final String CHANNEL = "\"channel\":\"";

  /** The largest length of a channel's class name, in characters. */
  private static final int MAX_CHANNEL = 100;

  /** Its size in the heap, in bytes. */
  public long size() {
    return 24 + Weights.of(json) + Weights.of(chanId);
  }

  /**
   * The channel's class name, without parameters; null if the object has none that is a valid Ruby
   * constant.
   */
  public String channel() {
    int depth = 0;
    for (int at = 0; at < json.length(); at++) {
      switch (json.charAt(at)) {
        case '{', '[' -> depth++;
        case '}', ']' -> depth--;
        case '"' -> {
          // Only a member's name is followed by a colon.
          if (depth == 1 && json.startsWith(CHANNEL, at)) {
            return constant(at + CHANNEL.length());
          }
          at = closingQuote(at);
        }
        default -> {}
      }
    }
    return null;
  }

  private int closingQuote(int openingQuote) {
    int at = openingQuote + 1;
    while (at < json.length() && json.charAt(at) != '"') {
      at += json.charAt(at) == '\\' ? 2 : 1;
    }
    return at;
  }

  private String constant(int from) {
    int to = from;
    while (to < json.length() && to - from <= MAX_CHANNEL && isOfConstant(json.charAt(to))) {
      to++;
    }
    boolean whole = to > from && to - from <= MAX_CHANNEL && json.startsWith("\"", to);
    return whole ? json.substring(from, to) : null;
  }

  private static boolean isOfConstant(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '_'
        || c == ':';
  }
}
