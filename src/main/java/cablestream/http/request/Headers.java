package cablestream.http.request;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import java.util.StringJoiner;

/** A request's header lines, validated because they are copied into another request. */
public final class Headers {
  private Headers() {}

  /**
   * All lines of that name, joined.
   *
   * @return null if there is none
   * @throws RefusedException 400 if one contains a control character
   */
  public static String value(HttpServletRequest request, String name, String separator) {
    Enumeration<String> lines = request.getHeaders(name);
    if (!lines.hasMoreElements()) {
      return null;
    }
    String first = lines.nextElement();
    String value = lines.hasMoreElements() ? joined(first, lines, separator) : first;
    if (!Tokens.isFieldValue(value)) {
      throw new RefusedException(400, "the header " + name + " has a control character in it");
    }
    return value;
  }

  private static String joined(String first, Enumeration<String> others, String separator) {
    StringJoiner all = new StringJoiner(separator).add(first);
    while (others.hasMoreElements()) {
      all.add(others.nextElement());
    }
    return all.toString();
  }
}
