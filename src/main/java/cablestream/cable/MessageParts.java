package cablestream.cable;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Puts together a message that comes in parts, up to a bound. One thread at a time. */
final class MessageParts {
  private static final byte[] NONE = {};

  private final int most;
  private byte[] parts = NONE;
  private int size;

  /**
   * @param most bytes in a message
   */
  MessageParts(int most) {
    this.most = most;
  }

  /**
   * Adds a part, which is read to its end.
   *
   * @return false if the message is too large now; it is forgotten then
   */
  boolean add(ByteBuffer part) {
    int length = part.remaining();
    if (length > most - size) {
      clear();
      return false;
    }
    if (length > parts.length - size) {
      parts = Arrays.copyOf(parts, capacity(size + length));
    }
    part.get(parts, size, length);
    size += length;
    return true;
  }

  /** The message; the next one begins with nothing. */
  byte[] take() {
    byte[] message = size == parts.length ? parts : Arrays.copyOf(parts, size);
    clear();
    return message;
  }

  void clear() {
    parts = NONE;
    size = 0;
  }

  /** A message in one part, as most are, is copied once; others grow by doubling. */
  private int capacity(int needed) {
    return parts.length == 0 ? needed : (int) Math.min(most, Math.max(needed, parts.length * 2L));
  }
}
