package cablestream.cable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The identifiers last seen on one cable, each with its bytes between the quotation marks. A server
 * repeats an identifier's bytes with every message, so comparing them saves both the scan and the
 * String. Not thread-safe.
 */
final class IdentifierCache {
  private static final int SLOTS = 8;

  /** A longer one isn't stored, so that a cable's memory stays bounded. */
  static final int MAX_BYTES = 512;

  /** UTF-8 bytes for one UTF-16 code unit, at most. */
  private static final long UTF8_BYTES = 3;

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

  /** The length of its bytes in a frame, without the quotation marks. */
  int length(int slot) {
    return spellings[slot].length;
  }

  /**
   * Decodes the contents of a well-formed JSON string, of at most {@link #MAX_BYTES}, and stores it
   * for {@link #find}.
   */
  String decode(byte[] text, int from, int to) {
    String identifier = unescape(text, from, to, MAX_BYTES);
    int slot = freeSlot();
    spellings[slot] = Arrays.copyOfRange(text, from, to);
    identifiers[slot] = identifier;
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

  /**
   * Unescapes the contents of a well-formed JSON string, at most {@code max} characters of it,
   * however long it is.
   */
  static String unescape(byte[] text, int from, int to, int max) {
    StringBuilder string = new StringBuilder(Math.min(to - from, max));
    int at = from;
    while (at < to && string.length() < max) {
      int run = at;
      int enough = (int) Math.min(to, run + UTF8_BYTES * (long) max);
      while (at < enough && text[at] != '\\') {
        at++;
      }
      while (at < to && (text[at] & 0xC0) == 0x80) {
        at++; // the rest of a character
      }
      string.append(new String(text, run, at - run, StandardCharsets.UTF_8));
      if (at < to && text[at] == '\\') {
        string.append(escaped(text, at + 1));
        at += text[at + 1] == 'u' ? 6 : 2;
      }
    }
    string.setLength(Math.min(string.length(), max));
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
          (char)
              (digit(text, at + 1) << 12
                  | digit(text, at + 2) << 8
                  | digit(text, at + 3) << 4
                  | digit(text, at + 4));
      default -> (char) text[at];
    };
  }

  private static int digit(byte[] text, int at) {
    return Character.digit(text[at], 16);
  }
}
