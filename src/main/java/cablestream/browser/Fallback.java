package cablestream.browser;

import java.util.List;
import java.util.Locale;

/**
 * Why a page doesn't use its WebSocket, as its script says by the parameter {@code fallback};
 * protocol section 9.
 */
public enum Fallback {
  /** The WebSocket didn't open. */
  REFUSED,
  /** It opened, and no frame came in time. */
  SILENT,
  /** It opened and died young. */
  DIED,
  /** The page's switch or options say so. */
  FORCED,
  /** The browser has none, or doesn't permit it. */
  UNSUPPORTED,
  /** Anything else. */
  OTHER,
  /** Nothing was said, as by an older script. */
  UNKNOWN;

  private static final List<Fallback> NAMED = List.of(REFUSED, SILENT, DIED, FORCED, UNSUPPORTED);

  /**
   * @param word any text; null where nothing is said
   */
  public static Fallback of(String word) {
    if (word == null) {
      return UNKNOWN;
    }
    return NAMED.stream().filter(each -> each.word().equals(word)).findFirst().orElse(OTHER);
  }

  /** The name in lower case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
