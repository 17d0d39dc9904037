package cablestream.http.request;

import cablestream.browser.Digest;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * The bridge's own cookie: one for all sessions of a browser, so that the rightful caller is
 * recognized after Rails has encrypted its session cookie anew; protocol section 8.
 *
 * @param value 128 random bits in hex
 */
record BrowserCookie(String value) {
  static final String NAME = "cablestream";

  private static final int BYTES = 16;
  private static final Pattern VALUE = Pattern.compile("[0-9a-f]{" + 2 * BYTES + "}");

  /** 400 days in seconds, the longest lifetime that browsers allow (RFC 6265bis). */
  private static final int MAX_AGE = 400 * 24 * 60 * 60;

  private static final String[] NONE = {};

  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new, unguessable one. */
  static BrowserCookie random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return new BrowserCookie(HexFormat.of().formatHex(bytes));
  }

  /**
   * The cookies of a request.
   *
   * @param own the bridge's, or null. A value that the bridge can't have set counts as absent, as
   *     do two different ones: a sibling site may have set either
   * @param others the application's: all but the bridge's own, in order; empty for none
   */
  record Jar(BrowserCookie own, String others) {}

  /**
   * Reads the cookies of a request.
   *
   * @param cookies the Cookie lines, joined by {@code ;}; null for none
   */
  static Jar in(String cookies) {
    StringJoiner others = new StringJoiner("; ");
    Set<String> own = new HashSet<>(2);
    for (String pair : cookies == null ? NONE : cookies.split(";")) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      if (name.strip().equals(NAME)) {
        own.add(pair.substring(equals + 1).strip());
      } else if (!pair.isBlank()) {
        others.add(pair.strip());
      }
    }
    String value = own.size() == 1 ? own.iterator().next() : "";
    return new Jar(
        VALUE.matcher(value).matches() ? new BrowserCookie(value) : null, others.toString());
  }

  /** The digest that the session stores. */
  Digest digest() {
    return Digest.of(value);
  }

  /**
   * The {@code Set-Cookie} line.
   *
   * <p>It has no Path, since the default path is correct behind any proxy.
   *
   * @param secure whether the client speaks HTTPS
   * @param crossSite whether the page belongs to another site; the cookie is then partitioned by
   *     site (CHIPS)
   */
  String line(boolean secure, boolean crossSite) {
    String line = NAME + "=" + value + "; Max-Age=" + MAX_AGE + "; HttpOnly";
    if (crossSite) {
      return line + "; SameSite=None; Secure; Partitioned";
    }
    return line + "; SameSite=Lax" + (secure ? "; Secure" : "");
  }
}
