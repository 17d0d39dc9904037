package cablestream.cable;

import java.nio.charset.StandardCharsets;

/** The query of a URL as browsers send it, made fit for {@link java.net.URI}. */
final class QueryText {
  /** What java.net.URI takes in a query beside letters and digits; it takes brackets, too. */
  private static final String LEGAL = "-._~!$&'()*+,;=:@/?[]";

  private QueryText() {}

  /**
   * Escapes the bytes that may not stand in a query, and the percent signs that begin no escape.
   * All else stays as it is: tokens are compared byte for byte.
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
