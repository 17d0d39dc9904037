package cablestream.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** UTF-8, read strictly: what isn't UTF-8 is refused rather than replaced. */
final class Utf8 {
  private Utf8() {}

  /** The text, or null where the bytes aren't UTF-8. */
  static String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Whether the text can be written as UTF-8: no surrogate stands alone. */
  static boolean canEncode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
