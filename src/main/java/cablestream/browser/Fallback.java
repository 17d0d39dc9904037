package cablestream.browser;

import java.util.List;
import java.util.Locale;

/**
 * Why a page doesn't use its WebSocket, from the script's parameter {@code fallback}; protocol
 * section 9.
 */
public enum Fallback {
  /** The WebSocket didn't open. */
  REFUSED,
  /** It opened, and no frame arrived in time. */
  SILENT,
  /** It opened and failed soon after. */
  DIED,
  /** The page's switch or options disable it. */
  FORCED,
  /** The browser has no WebSocket or forbids it. */
  UNSUPPORTED,
  /** Anything else. */
  OTHER,
  /** The script sent no reason, as older ones do. */
  UNKNOWN;

  private static final List<Fallback> NAMED = List.of(REFUSED, SILENT, DIED, FORCED, UNSUPPORTED);

  /**
   * @param word any text; null if the parameter is missing
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
