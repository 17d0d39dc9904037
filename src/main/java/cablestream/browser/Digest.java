package cablestream.browser;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256, compared in constant time. */
public final class Digest {
  private final byte[] bytes;

  private Digest(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The digest of a text's UTF-8. */
  public static Digest of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The digest of bytes. */
  public static Digest of(byte[] input) {
    try {
      return new Digest(MessageDigest.getInstance("SHA-256").digest(input));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The first {@code byteCount} bytes in lower-case hex. */
  public String hex(int byteCount) {
    return HexFormat.of().formatHex(bytes, 0, byteCount);
  }

  /** The first 64 bits. */
  public long bits() {
    return ByteBuffer.wrap(bytes).getLong();
  }

  /** Takes the same time wherever the two differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Digest that && MessageDigest.isEqual(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return bytes[0] << 24 | (bytes[1] & 0xFF) << 16 | (bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF;
  }

  @Override
  public String toString() {
    return hex(4);
  }
}
