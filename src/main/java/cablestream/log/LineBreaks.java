package cablestream.log;

import cablestream.text.Utf8;

/**
 * Finds the line breaks of an event stream (HTML, 9.2.6), and characters that a stream can't carry.
 */
final class LineBreaks {
  private static final long SPACES = 0x2020202020202020L;

  private LineBreaks() {}

  /** Whether there is no line break. */
  static boolean isOneLine(byte[] text, int from, int to) {
    int at = afterPrintable(text, from, to);
    while (at < to && text[at] != '\n' && text[at] != '\r') {
      at = afterPrintable(text, at + 1, to);
    }
    return at == to;
  }

  /**
   * The number of bytes by which the text grows if {@code replacement} bytes replace each line
   * break (CR LF is one).
   */
  static long growth(byte[] text, int replacement) {
    long growth = 0;
    for (int at = 0; at < text.length; at++) {
      int length = length(text, at);
      if (length > 0) {
        growth += replacement - length;
        at += length - 1;
      }
    }
    return growth;
  }

  /** The length of the line break that begins there; 0 for none. */
  static int length(byte[] text, int at) {
    if (text[at] == '\r') {
      return at + 1 < text.length && text[at + 1] == '\n' ? 2 : 1;
    }
    return text[at] == '\n' ? 1 : 0;
  }

  /** Skips everything but control characters, eight bytes at a time where possible. */
  private static int afterPrintable(byte[] text, int from, int to) {
    int at = from;
    while (at + Long.BYTES <= to) {
      long eight = (long) Utf8.LONGS.get(text, at);
      long control = (eight - SPACES) & ~eight & Utf8.HIGH_BITS;
      if (control != 0) {
        return at + Long.numberOfTrailingZeros(control) / Byte.SIZE;
      }
      at += Long.BYTES;
    }
    while (at < to && (text[at] & 0xFF) >= ' ') {
      at++;
    }
    return at;
  }
}
