package cablestream.bench.wire;

import java.util.Arrays;

/**
 * Parses WebSocket frames as their bytes arrive, in pieces of any size (RFC 6455, section 5).
 * Masked payloads are unmasked; fragments are assembled. A frame that is complete in the received
 * bytes isn't copied.
 */
public final class WebSocketReader {
  /** Receives the frames; the array may be used only until the call returns. */
  public interface Sink {
    void text(byte[] bytes, int from, int to);

    void control(int opcode, byte[] bytes, int from, int to);
  }

  private static final int LARGEST = 64 * 1024 * 1024;

  private final Sink sink;
  private byte[] kept = {};
  private int keptLength;
  private byte[] message = {};

  private int opcode;
  private boolean last;
  private boolean masked;
  private int headerLength;
  private int payloadLength;

  public WebSocketReader(Sink sink) {
    this.sink = sink;
  }

  /**
   * Parses the next bytes.
   *
   * @throws IllegalArgumentException if they violate the protocol
   */
  public void feed(byte[] bytes, int from, int to) {
    if (keptLength == 0) {
      int done = frames(bytes, from, to);
      keep(bytes, done, to);
    } else {
      keep(bytes, from, to);
      int done = frames(kept, 0, keptLength);
      keptLength -= done;
      System.arraycopy(kept, done, kept, 0, keptLength);
      if (keptLength == 0) {
        kept = new byte[0];
      }
    }
  }

  private int frames(byte[] bytes, int from, int to) {
    int at = from;
    while (header(bytes, at, to) && to - at - headerLength >= payloadLength) {
      int start = at + headerLength;
      if (masked) {
        unmask(bytes, start);
      }
      frame(bytes, start, start + payloadLength);
      at = start + payloadLength;
    }
    return at;
  }

  private boolean header(byte[] bytes, int at, int to) {
    if (to - at < 2) {
      return false;
    }
    opcode = bytes[at] & 0x0F;
    last = bytes[at] < 0;
    masked = bytes[at + 1] < 0;
    int shortLength = bytes[at + 1] & 0x7F;
    int lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
    headerLength = 2 + lengthBytes + (masked ? 4 : 0);
    if (to - at < headerLength) {
      return false;
    }
    if ((bytes[at] & 0x70) != 0) {
      throw new IllegalArgumentException("a reserved bit is set");
    }
    payloadLength = lengthBytes == 0 ? shortLength : number(bytes, at + 2, lengthBytes);
    return true;
  }

  private static int number(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | bytes[at + i] & 0xFF;
    }
    if (value < 0 || value > LARGEST) {
      throw new IllegalArgumentException("a frame of " + value + " bytes");
    }
    return (int) value;
  }

  private void unmask(byte[] bytes, int start) {
    for (int i = 0; i < payloadLength; i++) {
      bytes[start + i] ^= bytes[start - 4 + (i & 3)];
    }
  }

  private void frame(byte[] bytes, int from, int to) {
    if (opcode >= WebSocketFrames.CLOSE) {
      sink.control(opcode, bytes, from, to);
    } else if (last && opcode == WebSocketFrames.TEXT) {
      sink.text(bytes, from, to);
    } else {
      fragment(bytes, from, to);
    }
  }

  private void fragment(byte[] bytes, int from, int to) {
    int length = message.length;
    message = Arrays.copyOf(message, length + to - from);
    System.arraycopy(bytes, from, message, length, to - from);
    if (last) {
      byte[] whole = message;
      message = new byte[0];
      sink.text(whole, 0, whole.length);
    }
  }

  private void keep(byte[] bytes, int from, int to) {
    int needed = keptLength + to - from;
    if (needed > kept.length) {
      kept = Arrays.copyOf(kept, Math.max(needed, Math.min(2 * kept.length, LARGEST)));
    }
    System.arraycopy(bytes, from, kept, keptLength, to - from);
    keptLength = needed;
  }
}
