package cablestream.bench.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The payload: when it was due, its client, its number, and padding.
 *
 * <pre>
 * {"at":"0000012345678901234","client":"000017","n":"0000000005","pad":"abc…"}
 * </pre>
 *
 * Members are in alphabetical order and numbers are strings, so that a bridge that parses and
 * rewrites messages (members sorted, numbers as doubles) can be measured as well. All widths are
 * fixed: a size has one template, of which only digits change.
 */
public final class Message {
  private static final byte[] AT = ascii("{\"at\":\"");
  private static final byte[] CLIENT = ascii("\",\"client\":\"");
  private static final byte[] NUMBER = ascii("\",\"n\":\"");
  private static final byte[] PAD = ascii("\",\"pad\":\"");
  private static final byte[] END = ascii("\"}");
  private static final int AT_DIGITS = 19;
  private static final int CLIENT_DIGITS = 6;
  private static final int NUMBER_DIGITS = 10;

  private static final int AT_OFFSET = AT.length;
  private static final int CLIENT_OFFSET = AT_OFFSET + AT_DIGITS + CLIENT.length;
  private static final int NUMBER_OFFSET = CLIENT_OFFSET + CLIENT_DIGITS + NUMBER.length;
  private static final int PAD_OFFSET = NUMBER_OFFSET + NUMBER_DIGITS + PAD.length;

  /** The smallest possible size, in bytes. */
  public static final int SMALLEST = PAD_OFFSET + END.length;

  private final byte[] template;

  /**
   * Creates the template of a size.
   *
   * @param size bytes of a whole message, at least {@link #SMALLEST}
   */
  public Message(int size) {
    if (size < SMALLEST) {
      throw new IllegalArgumentException(size + " bytes are too few for a message");
    }
    ByteBuffer whole = ByteBuffer.allocate(size);
    digits(whole.put(AT), AT_DIGITS);
    digits(whole.put(CLIENT), CLIENT_DIGITS);
    digits(whole.put(NUMBER), NUMBER_DIGITS);
    whole.put(PAD);
    for (int i = 0; whole.remaining() > END.length; i++) {
      whole.put((byte) ('a' + i % 26));
    }
    template = whole.put(END).array();
  }

  private static void digits(ByteBuffer out, int count) {
    for (int i = 0; i < count; i++) {
      out.put((byte) '0');
    }
  }

  /** Bytes of a whole message. */
  public int size() {
    return template.length;
  }

  /**
   * Writes a message into the buffer.
   *
   * @param at when it was due, nanoseconds of {@link System#nanoTime}
   */
  public void put(ByteBuffer out, long at, int client, long number) {
    int start = out.position();
    out.put(template);
    putDigits(out, start + AT_OFFSET, AT_DIGITS, at);
    putDigits(out, start + CLIENT_OFFSET, CLIENT_DIGITS, client);
    putDigits(out, start + NUMBER_OFFSET, NUMBER_DIGITS, number);
  }

  private static void putDigits(ByteBuffer out, int from, int count, long value) {
    long rest = value;
    for (int i = from + count - 1; rest != 0; i--) {
      if (i < from) {
        throw new IllegalArgumentException(value + " has more than " + count + " digits");
      }
      out.put(i, (byte) ('0' + rest % 10));
      rest /= 10;
    }
  }

  /**
   * Finds a message in bytes and reads it. Not thread-safe. It looks for the next one first at the
   * position of the previous one.
   */
  public static final class Reader {
    private int usualOffset;
    private long at;
    private int client;
    private long number;
    private int end;

    /**
     * Reads the first message that begins at or after {@code from}.
     *
     * @return false if there is none
     * @throws IllegalArgumentException if there is an incomplete one
     */
    public boolean read(byte[] bytes, int from, int to) {
      int start = from + usualOffset;
      if (!startsWith(bytes, start, to, AT)) {
        start = indexOfAt(bytes, from, to);
        if (start < 0) {
          return false;
        }
        usualOffset = start - from;
      }
      end = start + AT.length;
      at = number(bytes, to, CLIENT);
      client = (int) number(bytes, to, NUMBER);
      number = number(bytes, to, PAD);
      return true;
    }

    /** When it was due, nanoseconds. */
    public long at() {
      return at;
    }

    public int client() {
      return client;
    }

    public long number() {
      return number;
    }

    /** The position of its padding, from which to look for the next one. */
    public int end() {
      return end;
    }

    private long number(byte[] bytes, int to, byte[] terminator) {
      long value = 0;
      int digits = 0;
      while (end < to && bytes[end] >= '0' && bytes[end] <= '9') {
        value = 10 * value + bytes[end++] - '0';
        digits++;
      }
      if (digits == 0 || !startsWith(bytes, end, to, terminator)) {
        throw new IllegalArgumentException("a message is cut or changed");
      }
      end += terminator.length;
      return value;
    }

    private static int indexOfAt(byte[] bytes, int from, int to) {
      for (int i = from; i <= to - AT.length; i++) {
        if (bytes[i] == '{' && startsWith(bytes, i, to, AT)) {
          return i;
        }
      }
      return -1;
    }

    private static boolean startsWith(byte[] bytes, int at, int to, byte[] expected) {
      if (at < 0 || to - at < expected.length) {
        return false;
      }
      for (int i = 0; i < expected.length; i++) {
        if (bytes[at + i] != expected[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
