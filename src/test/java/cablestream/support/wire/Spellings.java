package cablestream.support.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Other spellings of a path, which some server or proxy may take for the path itself. */
public final class Spellings {
  /** What may stand in a path's place of one slash, for whoever normalises or decodes it. */
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

  /** What may follow it. */
  private static final List<String> ENDINGS =
      List.of(
          "/.", "/./", "//", ";", ";x", ";/x", "/x/..", "%20", "%00", "%09", "%23", "%3f", "\\");

  private Spellings() {}

  /**
   * Returns all that are known, none of which is the path.
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
    // A target must begin with a slash, or a server doesn't read it at all.
    return spellings.stream().filter(each -> each.startsWith("/")).distinct().toList();
  }
}
