package cablestream.session;

import cablestream.browser.Caller;
import cablestream.browser.Digest;

/** Who a session belongs to: the check of protocol section 8. Touched inside one mailbox only. */
final class SessionOwner {
  private final String origin;

  /** The path of the server that was asked for: another one is another cable. */
  private final String path;

  private final Digest credentials;
  private Digest browser;

  SessionOwner(Caller opener) {
    origin = opener.origin();
    path = opener.dial().path();
    credentials = opener.credentials();
    browser = opener.browser();
  }

  /** What is left of a binding when its session is over: of one size, and it learns nothing. */
  record Memory(Digest place, Digest credentials, Digest browser) {
    /** As {@link SessionOwner#admits}. */
    boolean admits(Caller caller) {
      boolean sameCredentials = credentials.equals(caller.credentials());
      boolean sameBrowser = browser != null && browser.equals(caller.browser());
      Digest theirs = placeOf(caller.origin(), caller.dial().path());
      return place.equals(theirs) & (sameCredentials | sameBrowser);
    }
  }

  /** What to remember of it. */
  Memory memory() {
    return new Memory(placeOf(origin, path), credentials, browser);
  }

  /** Neither has a control character in it. */
  private static Digest placeOf(String origin, String path) {
    return Digest.of(origin + '\0' + path);
  }

  /** The origin with which the session was opened. */
  String origin() {
    return origin;
  }

  /**
   * Whether the caller is the one who opened the session: the same origin and path, and either the
   * same credentials or the same browser. Rails encrypts its session cookie anew with every
   * response, so the credentials change under the rightful caller; the browser's cookie doesn't.
   * Whoever passes by the credentials binds the browser's cookie it carries.
   */
  boolean admits(Caller caller) {
    boolean sameCredentials = credentials.equals(caller.credentials());
    boolean sameBrowser = browser != null && browser.equals(caller.browser());
    boolean samePlace = origin.equals(caller.origin()) & path.equals(caller.dial().path());
    boolean admitted = samePlace & (sameCredentials | sameBrowser);
    if (admitted && sameCredentials && caller.browser() != null) {
      browser = caller.browser();
    }
    return admitted;
  }
}
