package cablestream.memory;

/**
 * What things take in the heap, in bytes, of a 64-bit virtual machine with compressed references
 * (JEP 254 for strings: two bytes a character as soon as one is outside Latin-1).
 */
public final class Weights {
  /** A string and its array, without the characters. */
  private static final int STRING = 24 + 16;

  /** An array's header, and its last bytes' padding. */
  private static final int ARRAY = 16;

  private Weights() {}

  /** A string; null weighs nothing. */
  public static long of(String text) {
    return text == null ? 0 : STRING + padded((long) text.length() * (isLatin1(text) ? 1 : 2));
  }

  /** An array of so many bytes. */
  public static long ofBytes(long length) {
    return ARRAY + padded(length);
  }

  private static long padded(long bytes) {
    return bytes + 7 & ~7L;
  }

  private static boolean isLatin1(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xFF) {
        return false;
      }
    }
    return true;
  }
}
