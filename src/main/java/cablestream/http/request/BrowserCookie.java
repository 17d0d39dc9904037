package cablestream.http.request;

import cablestream.browser.Digest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
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

  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new, unguessable one. */
  static BrowserCookie random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return new BrowserCookie(HexFormat.of().formatHex(bytes));
  }

  /**
   * The cookie of a request, or null. A value that the bridge can't have set counts as absent, as
   * do two different ones: a sibling site may have set either.
   *
   * @param cookies the request's Cookie lines, joined by {@code ;}; null for none
   */
  static BrowserCookie in(String cookies) {
    String value = null;
    for (String pair : pairs(cookies)) {
      if (isOwn(pair)) {
        String another = pair.substring(pair.indexOf('=') + 1).strip();
        if (value != null && !value.equals(another)) {
          return null;
        }
        value = another;
      }
    }
    return value != null && VALUE.matcher(value).matches() ? new BrowserCookie(value) : null;
  }

  /** The application's cookies: all except the bridge's own, in order; empty for none. */
  static String others(String cookies) {
    List<String> pairs = pairs(cookies);
    pairs.removeIf(BrowserCookie::isOwn);
    return String.join("; ", pairs);
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

  private static List<String> pairs(String cookies) {
    List<String> pairs = new ArrayList<>();
    if (cookies != null) {
      for (String pair : cookies.split(";")) {
        if (!pair.isBlank()) {
          pairs.add(pair.strip());
        }
      }
    }
    return pairs;
  }

  private static boolean isOwn(String pair) {
    int equals = pair.indexOf('=');
    return (equals < 0 ? pair : pair.substring(0, equals)).strip().equals(NAME);
  }
}
