package cablestream.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/**
 * Checks a store's replies before Jedis parses them: Jedis allocates whatever length a reply
 * announces. Parses the framing of RESP2, and fails if the replies to one exchange are sized as in
 * RESP3, too large, too deeply nested or too late. Not thread-safe.
 */
final class ReplyLimit extends InputStream {
  /** The largest size of all replies to one exchange, in bytes. */
  static final int MAX_BYTES = 4 << 20;

  /** The largest number of their elements, each of which is an object. */
  static final int MAX_ELEMENTS = 1 << 16;

  /** Jedis reads nested replies recursively. */
  static final int MAX_DEPTH = 8;

  /** The time limit from the request to the end of the replies, however small their parts. */
  static final long DEADLINE_NANOS = 2_000_000_000L;

  /** The characters of a line that are kept: more than those of any length that is admitted. */
  private static final int LINE = 16;

  /** A socket's timeout. */
  interface Timeout {
    /** In milliseconds; 0 for a subscription, which waits until there is a message. */
    int millis() throws SocketException;
  }

  private final InputStream in;
  private final Timeout timeout;

  // The state of the exchange.
  private volatile long began = System.nanoTime();
  private volatile boolean fresh = true;
  private int bytes;
  private int elements;

  // The position in a reply: in the payload of a string, otherwise in a line.
  private int payload;

  /** The beginning of the line. */
  private final StringBuilder line = new StringBuilder(LINE);

  /** The number of remaining elements of each enclosing array. */
  private final int[] remaining = new int[MAX_DEPTH];

  private int depth;

  ReplyLimit(InputStream in, Timeout timeout) {
    this.in = in;
    this.timeout = timeout;
  }

  /** A request will be written, whose replies have limits of their own. */
  void exchange() {
    began = System.nanoTime();
    fresh = true;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int start, int count) throws IOException {
    if (timeout.millis() > 0 && System.nanoTime() - began > DEADLINE_NANOS) {
      throw new SocketTimeoutException("the store's replies come too slowly");
    }
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
    if (each == '\n') {
      String whole = line.toString();
      line.setLength(0);
      line(whole);
    } else if (each != '\r' && line.length() < LINE) {
      line.append((char) each);
    }
  }

  private void line(String whole) throws IOException {
    char type = whole.isEmpty() ? '\n' : whole.charAt(0);
    require("!=~>%|".indexOf(type) < 0, "the store's reply is of another protocol");
    int length = type == '$' || type == '*' ? length(whole.substring(1)) : -1;
    if (length < 0) {
      ended();
    } else if (type == '$') {
      require(length <= MAX_BYTES, "the store announces a string that is too large");
      payload = length + 2;
    } else {
      require(length <= MAX_ELEMENTS - elements, "the store announces too many elements");
      elements += length;
      enter(length);
    }
  }

  /** A negative length is that of a null. */
  private static int length(String digits) throws IOException {
    require(digits.matches("-?\\d{1,9}"), "the store's reply has no valid length");
    return Integer.parseInt(digits);
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
}
