package cablestream.cable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The identifiers last seen on one cable, each with the bytes that stood for it between the
 * quotation marks. A server repeats an identifier's bytes with every message, so comparing them
 * spares both the scan and the String. One thread at a time.
 */
final class IdentifierCache {
  private static final int SLOTS = 8;

  /** A longer one is scanned each time, so that a cable's memory stays bounded. */
  private static final int MOST_BYTES = 512;

  private byte[][] spellings = new byte[1][];
  private String[] identifiers = new String[1];
  private int size;
  private int oldest;

  /**
   * Looks for an identifier at {@code from}, just after a quotation mark.
   *
   * @return its slot, or -1 if it has to be scanned
   */
  int find(byte[] text, int from) {
    for (int slot = 0; slot < size; slot++) {
      byte[] spelling = spellings[slot];
      int to = from + spelling.length;
      if (to < text.length
          && text[to] == '"'
          && Arrays.equals(text, from, to, spelling, 0, spelling.length)) {
        return slot;
      }
    }
    return -1;
  }

  String identifier(int slot) {
    return identifiers[slot];
  }

  /** How many bytes stand for it in a frame, without the quotation marks. */
  int length(int slot) {
    return spellings[slot].length;
  }

  /** Decodes the contents of a well-formed JSON string, and keeps it for {@link #find}. */
  String decode(byte[] text, int from, int to) {
    String identifier = unescape(text, from, to);
    if (to - from <= MOST_BYTES) {
      int slot = freeSlot();
      spellings[slot] = Arrays.copyOfRange(text, from, to);
      identifiers[slot] = identifier;
    }
    return identifier;
  }

  private int freeSlot() {
    if (size == SLOTS) {
      int slot = oldest;
      oldest = (oldest + 1) % SLOTS;
      return slot;
    }
    if (size == spellings.length) {
      spellings = Arrays.copyOf(spellings, size * 2);
      identifiers = Arrays.copyOf(identifiers, size * 2);
    }
    return size++;
  }

  /** The String that the contents of a well-formed JSON string stand for. */
  static String unescape(byte[] text, int from, int to) {
    StringBuilder string = new StringBuilder(to - from);
    int at = from;
    while (at < to) {
      int run = at;
      while (at < to && text[at] != '\\') {
        at++;
      }
      string.append(new String(text, run, at - run, StandardCharsets.UTF_8));
      if (at < to) {
        string.append(escaped(text, at + 1));
        at += text[at + 1] == 'u' ? 6 : 2;
      }
    }
    return string.toString();
  }

  private static char escaped(byte[] text, int at) {
    return switch (text[at]) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' ->
          (char) Integer.parseInt(new String(text, at + 1, 4, StandardCharsets.US_ASCII), 16);
      default -> (char) text[at];
    };
  }
}
