package cablestream.cable;

import cablestream.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Skips JSON (RFC 8259, strictly) in UTF-8 without parsing it into objects. Each method starts at a
 * position and returns the one after what it skipped or, if that isn't well-formed, the complement
 * ({@code ~}) of the fault's position. Nothing recurses, so no text exhausts the stack. Not
 * thread-safe.
 */
final class JsonScanner {
  /** Levels of nested objects and arrays; a value nested deeper counts as a fault. */
  static final int MAX_DEPTH = 512;

  private static final byte[] TRUE = ascii("true");
  private static final byte[] FALSE = ascii("false");
  private static final byte[] NULL = ascii("null");

  /** Represents the end of the text; it is invalid as a byte of the text. */
  private static final int END = -1;

  private static final long ONES = 0x0101010101010101L;

  /** A bit for each open level: set for an object, clear for an array. */
  private final long[] objects = new long[MAX_DEPTH / Long.SIZE];

  private int depth;

  /** Skips a value, which begins at {@code from} (white space would be a fault). */
  int value(byte[] text, int from) {
    depth = 0;
    int at = from;
    do {
      int first = byteAt(text, at);
      if (first != '{' && first != '[') {
        at = afterValue(text, scalar(text, at, first));
      } else if (depth == MAX_DEPTH) {
        return ~at;
      } else {
        at = enter(text, at, first == '{');
      }
    } while (at >= 0 && depth > 0);
    return at;
  }

  /** Skips a member's name and the colon, up to its value. */
  static int name(byte[] text, int from) {
    int at = from < text.length && text[from] == '"' ? string(text, from) : ~from;
    return at < 0 ? at : colon(text, at);
  }

  /** Skips the colon between a name and its value, and the white space around it. */
  static int colon(byte[] text, int from) {
    int at = space(text, from);
    return at < text.length && text[at] == ':' ? space(text, at + 1) : ~at;
  }

  /** Skips a string, whose opening quotation mark is at {@code from}. */
  static int string(byte[] text, int from) {
    int at = afterPlain(text, from + 1);
    while (at < text.length) {
      byte b = text[at];
      if (b == '"') {
        return at + 1;
      }
      if (b == '\\') {
        at = afterEscape(text, at + 1);
      } else {
        at = b < 0 ? Utf8.afterCharacter(text, at) : ~at;
      }
      if (at < 0) {
        return at;
      }
      at = afterPlain(text, at);
    }
    return ~at;
  }

  /** Skips white space, if there is any. */
  static int space(byte[] text, int from) {
    int at = from;
    while (at < text.length && text[at] <= ' ' && isSpace(text[at])) {
      at++;
    }
    return at;
  }

  static int byteAt(byte[] text, int at) {
    return at < text.length ? text[at] : END;
  }

  /** Whether {@code text} between {@code from} and {@code to} is exactly these bytes. */
  static boolean matches(byte[] text, int from, int to, byte[] expected) {
    return Arrays.equals(text, from, to, expected, 0, expected.length);
  }

  static boolean isTrue(byte[] text, int from, int to) {
    return matches(text, from, to, TRUE);
  }

  static byte[] ascii(String word) {
    return word.getBytes(StandardCharsets.US_ASCII);
  }

  /** Enters an object or array, up to its first value; skips an empty one. */
  private int enter(byte[] text, int from, boolean object) {
    push(object);
    int at = space(text, from + 1);
    if (at < text.length && text[at] == (object ? '}' : ']')) {
      return afterValue(text, at);
    }
    return object ? name(text, at) : at;
  }

  /** Leaves every level that ends here, and moves to the next value of the level that remains. */
  private int afterValue(byte[] text, int from) {
    int at = from;
    while (at >= 0 && depth > 0) {
      at = space(text, at);
      int b = byteAt(text, at);
      boolean object = inObject();
      if (b == ',') {
        at = space(text, at + 1);
        return object ? name(text, at) : at;
      }
      if (b != (object ? '}' : ']')) {
        return ~at;
      }
      depth--;
      at++;
    }
    return at;
  }

  private void push(boolean object) {
    long bit = 1L << depth;
    int word = depth / Long.SIZE;
    objects[word] = object ? objects[word] | bit : objects[word] & ~bit;
    depth++;
  }

  private boolean inObject() {
    return (objects[(depth - 1) / Long.SIZE] & 1L << (depth - 1)) != 0;
  }

  private static int scalar(byte[] text, int at, int first) {
    return switch (first) {
      case '"' -> string(text, at);
      case 't' -> literal(text, at, TRUE);
      case 'f' -> literal(text, at, FALSE);
      case 'n' -> literal(text, at, NULL);
      default -> number(text, at);
    };
  }

  private static int literal(byte[] text, int at, byte[] word) {
    int end = at + word.length;
    return end <= text.length && matches(text, at, end, word) ? end : ~at;
  }

  private static int number(byte[] text, int from) {
    int at = from < text.length && text[from] == '-' ? from + 1 : from;
    at = at < text.length && text[at] == '0' ? at + 1 : digits(text, at);
    if (at >= 0 && at < text.length && text[at] == '.') {
      at = digits(text, at + 1);
    }
    if (at >= 0 && at < text.length && (text[at] | 0x20) == 'e') {
      int sign = byteAt(text, at + 1);
      at = digits(text, sign == '+' || sign == '-' ? at + 2 : at + 1);
    }
    return at;
  }

  /** At least one. */
  private static int digits(byte[] text, int from) {
    int at = from;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at > from ? at : ~at;
  }

  private static int afterEscape(byte[] text, int at) {
    return switch (byteAt(text, at)) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 1;
      case 'u' -> afterHex(text, at + 1);
      default -> ~at;
    };
  }

  private static int afterHex(byte[] text, int from) {
    for (int at = from; at < from + 4; at++) {
      if (!isHex(byteAt(text, at))) {
        return ~at;
      }
    }
    return from + 4;
  }

  /** Skips unescaped ASCII in a string, eight bytes at a time where possible. */
  private static int afterPlain(byte[] text, int from) {
    int at = from;
    while (at + Long.BYTES <= text.length) {
      long special = notPlain((long) Utf8.LONGS.get(text, at));
      if (special != 0) {
        return at + Long.numberOfTrailingZeros(special) / Byte.SIZE;
      }
      at += Long.BYTES;
    }
    while (at < text.length && text[at] >= ' ' && text[at] != '"' && text[at] != '\\') {
      at++;
    }
    return at;
  }

  /**
   * Marks those of eight bytes of a JSON string that need a closer look: control characters,
   * quotation marks, backslashes, and everything but ASCII. The lowest bit set is in the first of
   * them (later ones may be wrong, as the subtractions borrow).
   */
  private static long notPlain(long eight) {
    long quote = eight ^ ONES * '"';
    long backslash = eight ^ ONES * '\\';
    long ascii =
        (eight - ONES * ' ') & ~eight | (quote - ONES) & ~quote | (backslash - ONES) & ~backslash;
    return (ascii | eight) & Utf8.HIGH_BITS;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private static boolean isDigit(int b) {
    return b >= '0' && b <= '9';
  }

  private static boolean isHex(int b) {
    return isDigit(b) || (b | 0x20) >= 'a' && (b | 0x20) <= 'f';
  }
}
