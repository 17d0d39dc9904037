package cablestream.session;

import cablestream.browser.Caller;
import cablestream.browser.Digest;

/** The owner of a session: the check of protocol section 8. Inside one mailbox only. */
final class SessionOwner {
  private final String origin;

  /** The requested path of the server: another path is another cable. */
  private final String path;

  private final Digest credentials;
  private Digest browser;

  SessionOwner(Caller opener) {
    origin = opener.origin();
    path = opener.dial().path();
    credentials = opener.credentials();
    browser = opener.browser();
  }

  /** The owner of a session that has ended: of fixed size, and immutable. */
  record Memory(Digest place, Digest credentials, Digest browser) {
    /** As {@link SessionOwner#admits}. */
    boolean admits(Caller caller) {
      boolean sameCredentials = credentials.equals(caller.credentials());
      boolean sameBrowser = browser != null && browser.equals(caller.browser());
      Digest theirs = placeOf(caller.origin(), caller.dial().path());
      return place.equals(theirs) & (sameCredentials | sameBrowser);
    }
  }

  /** The owner as remembered after the end. */
  Memory memory() {
    return new Memory(placeOf(origin, path), credentials, browser);
  }

  /** Neither contains a control character. */
  private static Digest placeOf(String origin, String path) {
    return Digest.of(origin + '\0' + path);
  }

  /**
   * Whether the caller opened the session: the same origin and path, and either the same
   * credentials or the same browser. Rails encrypts its session cookie anew with every response, so
   * the credentials change under the rightful caller; the browser's cookie doesn't. A caller
   * admitted by its credentials binds its browser's cookie to the session.
   */
  boolean admits(Caller caller) {
    Digest theirs = caller.browser();
    boolean sameCredentials = credentials.equals(caller.credentials());
    boolean sameBrowser = browser != null && browser.equals(theirs);
    boolean samePlace = origin.equals(caller.origin()) & path.equals(caller.dial().path());
    boolean admitted = samePlace & (sameCredentials | sameBrowser);
    if (admitted && sameCredentials && theirs != null) {
      browser = theirs;
    }
    return admitted;
  }
}
