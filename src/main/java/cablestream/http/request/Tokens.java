package cablestream.http.request;

/** The character sets of HTTP's and the bridge's own names. */
public final class Tokens {
  private static final int MIN_EVENTS_ID = 16;
  private static final int MAX_EVENTS_ID = 128;

  private static final String LETTERS_AND_DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  /** RFC 9110, 5.6.2. */
  private static final boolean[] TOKEN = alphabet(LETTERS_AND_DIGITS + "!#$%&'*+-.^_`|~");

  /** RFC 3986, 2.3. */
  private static final boolean[] UNRESERVED = alphabet(LETTERS_AND_DIGITS + "-_.~");

  private Tokens() {}

  /** Whether it is a token: RFC 9110, 5.6.2. */
  static boolean isToken(String text) {
    return !text.isEmpty() && all(text, TOKEN);
  }

  /** Whether it is a valid events-id: 16 to 128 of RFC 3986's unreserved characters. */
  public static boolean isEventsId(String text) {
    return text.length() >= MIN_EVENTS_ID
        && text.length() <= MAX_EVENTS_ID
        && all(text, UNRESERVED);
  }

  /** Whether it has only visible ASCII characters, at most {@code max}. */
  static boolean isVisible(String text, int max) {
    return !text.isEmpty() && text.length() <= max && isBetween(text, '!', '~');
  }

  /** Whether it is a valid header value: no control character but the tab. */
  static boolean isFieldValue(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7F) {
        return false;
      }
    }
    return true;
  }

  static boolean isDigits(String text, int max) {
    return !text.isEmpty() && text.length() <= max && isBetween(text, '0', '9');
  }

  // No call for each character: every header of every request passes through here.

  private static boolean isBetween(String text, char first, char last) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < first || c > last) {
        return false;
      }
    }
    return true;
  }

  private static boolean all(String text, boolean[] allowed) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= allowed.length || !allowed[c]) {
        return false;
      }
    }
    return true;
  }

  private static boolean[] alphabet(String characters) {
    boolean[] allowed = new boolean[128];
    characters.chars().forEach(c -> allowed[c] = true);
    return allowed;
  }
}
