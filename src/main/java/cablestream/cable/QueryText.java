package cablestream.cable;

import java.nio.charset.StandardCharsets;

/** Converts the query of a URL, as browsers send it, for {@link java.net.URI}. */
final class QueryText {
  /** What java.net.URI accepts in a query besides letters and digits; it also accepts brackets. */
  private static final String LEGAL = "-._~!$&'()*+,;=:@/?[]";

  private QueryText() {}

  /**
   * Escapes bytes that are invalid in a query, and percent signs without an escape. Everything else
   * stays unchanged: tokens are compared byte for byte.
   */
  static String legal(String query) {
    byte[] bytes = query.getBytes(StandardCharsets.UTF_8);
    StringBuilder legal = new StringBuilder(bytes.length + 16);
    for (int i = 0; i < bytes.length; i++) {
      char c = (char) (bytes[i] & 0xFF);
      if (isLegal(c) || c == '%' && isHex(bytes, i + 1) && isHex(bytes, i + 2)) {
        legal.append(c);
      } else {
        legal.append('%').append(hex(c >> 4)).append(hex(c & 0xF));
      }
    }
    return legal.toString();
  }

  private static boolean isLegal(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || LEGAL.indexOf(c) >= 0;
  }

  private static boolean isHex(byte[] bytes, int at) {
    return at < bytes.length && Character.digit(bytes[at], 16) >= 0;
  }

  private static char hex(int digit) {
    return Character.toUpperCase(Character.forDigit(digit, 16));
  }
}
