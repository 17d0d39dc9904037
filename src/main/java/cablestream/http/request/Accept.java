package cablestream.http.request;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The headers {@code Accept} and {@code Accept-Encoding} (RFC 9110, 12.5.1 and 12.5.3). */
public final class Accept {
  private static final Pattern ZERO = Pattern.compile("0(\\.0{0,3})?");

  private Accept() {}

  /**
   * Whether a client accepts this and names it explicitly, as every client that can use it does.
   *
   * @param name a media type or a coding
   * @param lines of the header
   */
  public static boolean names(String name, List<String> lines) {
    for (String line : lines) {
      for (String range : split(line, ',')) {
        if (isNamed(name, range)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isNamed(String name, String range) {
    List<String> parts = split(range, ';');
    return parts.get(0).equalsIgnoreCase(name)
        && parts.stream().skip(1).noneMatch(Accept::isWeightOfZero);
  }

  private static boolean isWeightOfZero(String parameter) {
    String lower = parameter.toLowerCase(Locale.ROOT);
    return lower.startsWith("q=") && ZERO.matcher(lower.substring(2)).matches();
  }

  /** Splits at separators outside quoted strings. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(from, i).strip());
        from = i + 1;
      }
    }
    parts.add(text.substring(from).strip());
    return parts;
  }
}
