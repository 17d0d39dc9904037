package cablestream.cluster;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Checks a store's replies before Jedis parses them: Jedis allocates whatever length a reply
 * announces. Parses the framing of RESP2, and fails if the replies to one exchange are sized as in
 * RESP3, too large, too deeply nested or too late. Not thread-safe.
 */
class ReplyLimit extends FilterInputStream {
  /** The largest size of all replies to one exchange, in bytes. */
  static final int MAX_BYTES = 4 << 20;

  /** The largest number of their elements, each of which is an object. */
  static final int MAX_ELEMENTS = 1 << 16;

  /** Jedis reads nested replies recursively. */
  static final int MAX_DEPTH = 8;

  /** The time limit from the request to the end of the replies, however small their parts. */
  static final long DEADLINE_NANOS = 2_000_000_000L;

  // The state of the exchange.
  private volatile long began = System.nanoTime();
  private volatile boolean fresh = true;
  private int bytes;
  private int elements;

  // The position in a reply: in the payload of a string, otherwise in a line.
  private int payload;

  /** The first byte of the line; 0 before it. */
  private byte type;

  /** The length that the line announces so far, and its digits; -1 is that of a null. */
  private long number;

  private int digits;

  /** The number of remaining elements of each enclosing array. */
  private final int[] remaining = new int[MAX_DEPTH];

  private int depth;

  ReplyLimit(InputStream in) {
    super(in);
  }

  /** A request will be written, whose replies have limits of their own. */
  final void exchange() {
    began = System.nanoTime();
    fresh = true;
  }

  /** Whether the replies have exceeded their time. */
  final boolean isLate() {
    return System.nanoTime() - began > DEADLINE_NANOS;
  }

  @Override
  public final int read() throws IOException {
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
        int skipped = Math.min(payload, start + read - i);
        payload -= skipped;
        i += skipped;
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
    if (type == 0) {
      require("!=~>%|".indexOf(each) < 0, "the store's reply is of another protocol");
      type = each;
      number = 0;
      digits = 0;
    } else if (each == '\n') {
      endLine();
      type = 0;
    } else if (isSized() && each != '\r') {
      sized(each);
    }
  }

  private boolean isSized() {
    return type == '$' || type == '*';
  }

  private void sized(byte each) throws IOException {
    if (each == '-' && digits == 0 && number == 0) {
      number = -1;
      return;
    }
    digits++;
    require(each >= '0' && each <= '9' && digits < 12, "the store's reply has no length");
    number = number < 0 ? -1 : number * 10 + each - '0';
  }

  private void endLine() throws IOException {
    require(!isSized() || digits > 0, "the store's reply has no length");
    if (!isSized() || number < 0) {
      ended();
    } else if (type == '$') {
      require(number <= MAX_BYTES, "the store announces a string that is too large");
      payload = (int) number + 2;
    } else {
      require(number <= MAX_ELEMENTS - elements, "the store announces too many elements");
      elements += (int) number;
      enter((int) number);
    }
  }

  private void enter(int count) throws IOException {
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
