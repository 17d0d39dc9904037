package cablestream.cluster;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/**
 * Checks a store's replies before Jedis parses them: Jedis allocates whatever length a reply
 * announces. Parses the framing of RESP2 and RESP3, and fails if the replies to one exchange are
 * too large, too deeply nested or too late. Not thread-safe.
 */
final class ReplyLimit extends FilterInputStream {
  /** The largest size of all replies to one exchange, in bytes. */
  static final int MAX_BYTES = 4 << 20;

  /** The largest number of their elements, each of which is an object. */
  static final int MAX_ELEMENTS = 1 << 16;

  /** Jedis reads nested replies recursively. */
  static final int MAX_DEPTH = 8;

  /** The time limit from the request to the end of the replies, however small their parts. */
  static final long DEADLINE_NANOS = 2_000_000_000L;

  private final LongSupplier nanoTime;

  // The state of the exchange.
  private volatile long began;
  private volatile boolean fresh = true;
  private int bytes;
  private int elements;

  // The position in a reply: in the payload of a string, otherwise in a line.
  private long payload;
  private int length;
  private byte type;
  private boolean negative;
  private long number;
  private int digits;

  /** The number of remaining elements of each enclosing array. */
  private final long[] remaining = new long[MAX_DEPTH];

  private int depth;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  ReplyLimit(InputStream in, LongSupplier nanoTime) {
    super(in);
    this.nanoTime = nanoTime;
    began = nanoTime.getAsLong();
  }

  /** A request will be written, whose replies have limits of their own. */
  void exchange() {
    began = nanoTime.getAsLong();
    fresh = true;
  }

  /** Whether the replies have exceeded their time. */
  boolean isLate() {
    return nanoTime.getAsLong() - began > DEADLINE_NANOS;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int start, int count) throws IOException {
    int read = in.read(buffer, start, count);
    if (fresh) {
      fresh = false;
      bytes = 0;
      elements = 0;
    }
    bytes += Math.max(read, 0);
    require(bytes <= MAX_BYTES, "the store's replies are too large");
    for (int i = start; i < start + read; ) {
      if (payload > 0) {
        long skipped = Math.min(payload, start + read - i);
        payload -= skipped;
        i += (int) skipped;
        if (payload == 0) {
          ended();
        }
      } else {
        line(buffer[i]);
        i++;
      }
    }
    return read;
  }

  private void line(byte each) throws IOException {
    if (length == 0) {
      type = each;
      number = 0;
      digits = 0;
      negative = false;
    } else if (each == '\n') {
      length = 0;
      endLine();
      return;
    } else if (isSized() && each != '\r') {
      sized(each);
    }
    length++;
  }

  private boolean isSized() {
    return isString() || "*~>%|".indexOf(type) >= 0;
  }

  private boolean isString() {
    return "$!=".indexOf(type) >= 0;
  }

  private void sized(byte each) throws IOException {
    if (each == '-' && length == 1) {
      negative = true;
      return;
    }
    digits++;
    require(each >= '0' && each <= '9' && digits < 12, "the store's reply has no length");
    number = number * 10 + each - '0';
  }

  private void endLine() throws IOException {
    if (!isSized()) {
      ended();
      return;
    }
    require(digits > 0, "the store's reply has no length");
    boolean isMap = type == '%' || type == '|';
    if (negative) {
      ended();
    } else if (isString()) {
      require(number <= MAX_BYTES, "the store announces a string that is too large");
      payload = number + 2;
    } else {
      enter(isMap ? 2 * number : number);
    }
  }

  private void enter(long count) throws IOException {
    require(count <= MAX_ELEMENTS - elements, "the store announces too many elements");
    elements += (int) count;
    if (type == '|') {
      count++; // attributes precede the reply to which they belong
    }
    if (count == 0) {
      ended();
      return;
    }
    require(depth < MAX_DEPTH, "the store's reply is nested too deeply");
    remaining[depth] = count;
    depth++;
  }

  /** A value ends, and with it the arrays of which it is the last. */
  private void ended() {
    while (depth > 0) {
      remaining[depth - 1]--;
      if (remaining[depth - 1] > 0) {
        return;
      }
      depth--;
    }
  }

  private static void require(boolean condition, String otherwise) throws IOException {
    if (!condition) {
      throw new IOException(otherwise);
    }
  }

  @Override
  public long skip(long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
