package cablestream.log;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds what ends a line of an event stream (HTML, 9.2.6), and what such a stream can't carry. */
final class LineBreaks {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long SPACES = 0x2020202020202020L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private LineBreaks() {}

  /** How many line feeds are there, or -1 if there is a carriage return, which SSE can't carry. */
  static int lineFeeds(byte[] text, int from, int to) {
    int count = 0;
    int at = from;
    while (at < to) {
      at = afterPrintable(text, at, to);
      if (at < to && text[at] == '\r') {
        return -1;
      }
      count += at < to && text[at] == '\n' ? 1 : 0;
      at++;
    }
    return count;
  }

  /** The same text with each CR LF, and each CR alone, as one LF. */
  static byte[] withoutCarriageReturns(byte[] source, int from, int to) {
    ByteArrayOutputStream text = new ByteArrayOutputStream(to - from);
    for (int i = from; i < to; i++) {
      if (source[i] != '\r') {
        text.write(source[i]);
      } else if (i + 1 == to || source[i + 1] != '\n') {
        text.write('\n');
      }
    }
    return text.toByteArray();
  }

  /** Steps over what is no control character, eight bytes at a time where it can. */
  private static int afterPrintable(byte[] text, int from, int to) {
    int at = from;
    while (at + Long.BYTES <= to) {
      long eight = (long) LONGS.get(text, at);
      long control = (eight - SPACES) & ~eight & HIGH_BITS;
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
