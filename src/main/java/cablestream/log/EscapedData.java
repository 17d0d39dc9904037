package cablestream.log;

import java.nio.charset.StandardCharsets;

/**
 * An event's data as the contents of a JSON string, in UTF-8 (RFC 8259, section 7), written piece
 * by piece. Data lines are joined again, and nothing is decoded. Not thread-safe.
 */
public final class EscapedData {
  /** The length of the prefix {@code data: } of a continuation line. */
  private static final int CONTINUATION = 6;

  /** The length of the longest escape of one byte. */
  private static final int LONGEST_ESCAPE = 6;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final byte[] array;
  private final int to;
  private int from;

  EscapedData(byte[] array, int from, int to) {
    this.array = array;
    this.from = from;
    this.to = to;
  }

  /** The number of bytes that remain to be written. */
  public long length() {
    long length = 0;
    for (int at = from; at < to; at += step(at)) {
      length += lengthOf(array[at]);
    }
    return length;
  }

  /**
   * Writes as much as fits before {@code end}.
   *
   * @return the position after the last byte written
   */
  public int write(byte[] target, int start, int end) {
    int at = start;
    while (from < to && end - at >= lengthOf(array[from])) {
      at = escape(array[from], target, at);
      from += step(from);
    }
    return at;
  }

  /** Whether everything is written. */
  public boolean isWritten() {
    return from == to;
  }

  /** After a line feed, skips the field name, which isn't data. */
  private int step(int at) {
    return array[at] == '\n' ? 1 + CONTINUATION : 1;
  }

  private static int lengthOf(byte b) {
    return switch (b) {
      case '"', '\\', '\b', '\f', '\n', '\r', '\t' -> 2;
      default -> b >= 0 && b < ' ' ? LONGEST_ESCAPE : 1;
    };
  }

  private static int escape(byte b, byte[] target, int start) {
    int at = start;
    int letter =
        switch (b) {
          case '"', '\\' -> b;
          case '\b' -> 'b';
          case '\f' -> 'f';
          case '\n' -> 'n';
          case '\r' -> 'r';
          case '\t' -> 't';
          default -> b >= 0 && b < ' ' ? 'u' : 0;
        };
    if (letter == 0) {
      target[at++] = b;
      return at;
    }
    target[at++] = '\\';
    target[at++] = (byte) letter;
    if (letter == 'u') {
      target[at++] = '0';
      target[at++] = '0';
      target[at++] = HEX[b >> 4];
      target[at++] = HEX[b & 0xF];
    }
    return at;
  }
}
