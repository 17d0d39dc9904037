package cablestream.bench.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Writes WebSocket frames (RFC 6455, section 5.2), and the handshake's accept value (section
 * 4.2.2).
 */
public final class WebSocketFrames {
  /** Opcodes. */
  public static final int CONTINUATION = 0;

  public static final int TEXT = 1;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketFrames() {}

  /** Writes the header of a whole, unmasked frame: 2, 4 or 10 bytes. */
  public static void header(ByteBuffer out, int opcode, int length) {
    header(out, opcode, length, 0);
  }

  /** A whole frame as a server sends it. */
  public static ByteBuffer frame(int opcode, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(payload.length + 10);
    header(out, opcode, payload.length);
    return out.put(payload).flip();
  }

  /** A whole text frame as a client sends it, masked. */
  public static ByteBuffer maskedText(byte[] payload, int mask) {
    return masked(TEXT, payload, mask);
  }

  /** A whole frame as a client sends it, masked. */
  public static ByteBuffer masked(int opcode, byte[] payload, int mask) {
    ByteBuffer out = ByteBuffer.allocate(payload.length + 14);
    header(out, opcode, payload.length, MASKED);
    out.putInt(mask);
    for (int i = 0; i < payload.length; i++) {
      out.put((byte) (payload[i] ^ mask >>> 24 - 8 * (i & 3)));
    }
    return out.flip();
  }

  private static void header(ByteBuffer out, int opcode, int length, int masked) {
    out.put((byte) (FINAL | opcode));
    if (length < 126) {
      out.put((byte) (masked | length));
    } else if (length < 1 << 16) {
      out.put((byte) (masked | 126)).putShort((short) length);
    } else {
      out.put((byte) (masked | 127)).putLong(length);
    }
  }

  /** The value of {@code Sec-WebSocket-Accept} for a {@code Sec-WebSocket-Key}. */
  public static String accept(String key) {
    try {
      byte[] input = (key + GUID).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(input));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
