package cablestream.cable;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The setting {@code cable.paths}: the paths of the Action Cable server that a client may name,
 * besides that of {@code cable.url}.
 *
 * @param patterns paths in which a segment {@code *} matches any one segment
 * @param ignored whether a client's path is ignored
 */
public record CablePaths(List<String> patterns, boolean ignored) {
  /** Only the path of {@code cable.url}. */
  public static final CablePaths NONE = new CablePaths(List.of(), false);

  /** The path of {@code cable.url}, whatever a client names. */
  public static final CablePaths IGNORED = new CablePaths(List.of(), true);

  /** The format of a path in the setting. */
  public static final String PATH =
      "a path whose segments have the characters A-Z a-z 0-9 - . _ ~ only, or are a * for any one"
          + " segment";

  private static final String ANY = "*";

  /** Unreserved characters only (RFC 3986, 2.3), so that each path has one form. */
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._~-]+");

  /** Copies the list. @throws IllegalArgumentException if one isn't a valid pattern */
  public CablePaths {
    patterns = List.copyOf(patterns);
    patterns.forEach(CablePaths::checked);
  }

  /** Validates a pattern, and returns it. @throws IllegalArgumentException if it is invalid */
  public static String checked(String pattern) {
    String[] segments = segments(pattern);
    for (int i = 1; i < segments.length; i++) {
      if (!segments[i].equals(ANY) && !isPlain(segments[i])) {
        throw new IllegalArgumentException("not " + PATH + ": " + pattern);
      }
    }
    if (!segments[0].isEmpty() || segments.length < 2) {
      throw new IllegalArgumentException("not " + PATH + ": " + pattern);
    }
    return pattern;
  }

  /** Whether one of the patterns matches the path, which may be any text. */
  boolean allow(String path) {
    String[] segments = segments(path);
    return patterns.stream().anyMatch(pattern -> matches(segments(pattern), segments));
  }

  private static boolean matches(String[] pattern, String[] segments) {
    if (pattern.length != segments.length || !segments[0].isEmpty()) {
      return false;
    }
    for (int i = 1; i < segments.length; i++) {
      boolean any = pattern[i].equals(ANY);
      if (!isPlain(segments[i]) || !any && !pattern[i].equals(segments[i])) {
        return false;
      }
    }
    return true;
  }

  /** The first segment is what precedes the first slash. */
  private static String[] segments(String path) {
    return path.split("/", -1);
  }

  private static boolean isPlain(String segment) {
    return SEGMENT.matcher(segment).matches() && !segment.equals(".") && !segment.equals("..");
  }
}
