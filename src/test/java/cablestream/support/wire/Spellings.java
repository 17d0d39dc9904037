package cablestream.support.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Alternative spellings of a path, which some server or proxy may treat as the path itself. */
public final class Spellings {
  /** Replacements for a slash of a path that a server may normalise or decode. */
  private static final List<String> SLASHES =
      List.of(
          "//",
          "///",
          "/./",
          "/././",
          "/.//",
          "/x/../",
          "/x/./../",
          "/%2e/",
          "/%2E/",
          "/x/%2e%2e/",
          "/x/.%2e/",
          "/x/%2e./",
          "/%252e/",
          "/.;/",
          "/.;x=y/",
          "/x/..;/",
          "/;/",
          "/;x/",
          ";/",
          ";x=y/",
          "\\",
          "/\\",
          "\\/",
          "/.\\",
          "%5c",
          "%2f",
          "/%2F",
          "%2F/",
          "%252f",
          "/%20/");

  /** Suffixes that a server may ignore. */
  private static final List<String> ENDINGS =
      List.of(
          "/.", "/./", "//", ";", ";x", ";/x", "/x/..", "%20", "%00", "%09", "%23", "%3f", "\\");

  private Spellings() {}

  /**
   * Returns all known spellings other than the path itself.
   *
   * @param path begins with a slash and has none at its end
   */
  public static List<String> of(String path) {
    List<String> spellings = new ArrayList<>();
    for (int i = 0; i < path.length(); i++) {
      String before = path.substring(0, i);
      String after = path.substring(i + 1);
      if (path.charAt(i) == '/') {
        SLASHES.forEach(slash -> spellings.add(before + slash + after));
        spellings.add(
            before + "/.." + before.substring(Math.max(before.lastIndexOf('/'), 0)) + "/" + after);
      } else {
        String hex = String.format("%02x", (int) path.charAt(i));
        spellings.add(before + "%" + hex + after);
        spellings.add(before + "%" + hex.toUpperCase(Locale.ROOT) + after);
        spellings.add(before + "%25" + hex + after);
      }
    }
    ENDINGS.forEach(ending -> spellings.add(path + ending));
    // Servers don't parse a target without a slash at its beginning.
    return spellings.stream().filter(each -> each.startsWith("/")).distinct().toList();
  }
}
