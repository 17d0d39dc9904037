package cablestream.http.request;

import java.util.function.IntPredicate;

/** The small alphabets of HTTP's and the bridge's own names. */
public final class Tokens {
  private static final int MIN_EVENTS_ID = 16;
  private static final int MAX_EVENTS_ID = 128;

  private Tokens() {}

  /** Whether it is a token: RFC 9110, 5.6.2. */
  static boolean isToken(String text) {
    return !text.isEmpty() && all(text, Tokens::isTokenCharacter);
  }

  /** Whether it may name a session: 16 to 128 of RFC 3986's unreserved characters. */
  public static boolean isEventsId(String text) {
    return text.length() >= MIN_EVENTS_ID
        && text.length() <= MAX_EVENTS_ID
        && all(text, Tokens::isUnreserved);
  }

  /** Whether it has nothing but visible ASCII characters, and no more than {@code most}. */
  static boolean isVisible(String text, int most) {
    return !text.isEmpty() && text.length() <= most && all(text, c -> c > ' ' && c < 0x7F);
  }

  /** Whether it can be sent as a header's value: no control character but the tab. */
  static boolean isFieldValue(String text) {
    return all(text, c -> c >= ' ' && c != 0x7F || c == '\t');
  }

  static boolean isDigits(String text, int most) {
    return !text.isEmpty() && text.length() <= most && all(text, c -> c >= '0' && c <= '9');
  }

  /** Not a stream: every header of every request comes by. */
  private static boolean all(String text, IntPredicate allowed) {
    for (int i = 0; i < text.length(); i++) {
      if (!allowed.test(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isTokenCharacter(int c) {
    return isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }

  private static boolean isUnreserved(int c) {
    return isLetterOrDigit(c) || "-_.~".indexOf(c) >= 0;
  }

  private static boolean isLetterOrDigit(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }
}
