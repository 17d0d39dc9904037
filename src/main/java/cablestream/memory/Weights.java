package cablestream.memory;

/**
 * Sizes in the heap, in bytes, on a 64-bit virtual machine with compressed references (JEP 254 for
 * strings: two bytes a character if any is outside Latin-1).
 */
public final class Weights {
  /** A string and its array, without its characters. */
  private static final int STRING = 24 + 16;

  /** An array's header and padding. */
  private static final int ARRAY = 16;

  private Weights() {}

  /** The size of a string; 0 for null. */
  public static long of(String text) {
    return text == null ? 0 : STRING + padded((long) text.length() * (isLatin1(text) ? 1 : 2));
  }

  /** The size of an array of bytes. */
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
