package cablestream.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
public final class Utf8 {
  /** Reads eight bytes of an array as one number, little-endian. */
  public static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** The highest bit of each of eight bytes, which is 0 in ASCII. */
  public static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  /** The text, or null if the bytes aren't UTF-8: invalid bytes are never replaced. */
  public static String decode(byte[] bytes) {
    return isWellFormed(bytes) ? new String(bytes, StandardCharsets.UTF_8) : null;
  }

  /** Whether the text can be encoded as UTF-8: it contains no lone surrogate. */
  public static boolean canEncode(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i)) && JsonText.isLoneSurrogate(text, i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether all bytes are UTF-8, checked without decoding them. */
  public static boolean isWellFormed(byte[] text) {
    int at = 0;
    while (at < text.length) {
      if (text[at] >= 0) {
        at = afterAscii(text, at);
      } else {
        at = afterCharacter(text, at);
        if (at < 0) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Skips one character of more than one byte.
   *
   * @return the position after it, or the complement of {@code at} if it isn't well-formed
   */
  public static int afterCharacter(byte[] text, int at) {
    int length = lengthOf(text[at] & 0xFF);
    if (length == 0 || at + length > text.length || !isSecond(text[at] & 0xFF, text[at + 1])) {
      return ~at;
    }
    for (int i = 2; i < length; i++) {
      if ((text[at + i] & 0xC0) != 0x80) {
        return ~at;
      }
    }
    return at + length;
  }

  private static int afterAscii(byte[] text, int from) {
    int at = from;
    while (at + 8 <= text.length && ((long) LONGS.get(text, at) & HIGH_BITS) == 0) {
      at += 8;
    }
    while (at < text.length && text[at] >= 0) {
      at++;
    }
    return at;
  }

  private static int lengthOf(int lead) {
    if (lead < 0xC2) {
      return 0;
    }
    if (lead < 0xE0) {
      return 2;
    }
    if (lead < 0xF0) {
      return 3;
    }
    return lead < 0xF5 ? 4 : 0;
  }

  /** The lead byte narrows the second one (RFC 3629, section 4). */
  private static boolean isSecond(int lead, byte second) {
    int min = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int max = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    int value = second & 0xFF;
    return value >= min && value <= max;
  }
}
