package cablestream.session;

/** Who a session belongs to: the check of protocol section 8. Touched inside one mailbox only. */
final class Binding {
  private final String origin;
  private final Digest credentials;
  private Digest browser;

  Binding(Caller opener) {
    origin = opener.origin();
    credentials = opener.credentials();
    browser = opener.browser();
  }

  /** The origin with which the session was opened. */
  String origin() {
    return origin;
  }

  /**
   * Whether the caller is the one who opened the session: the same origin, and either the same
   * credentials or the same browser. Rails encrypts its session cookie anew with every response, so
   * the credentials change under the rightful caller; the browser's cookie doesn't. Whoever passes
   * by the credentials binds the browser's cookie it carries.
   */
  boolean admits(Caller caller) {
    boolean sameCredentials = credentials.equals(caller.credentials());
    boolean sameBrowser = browser != null && browser.equals(caller.browser());
    boolean admitted = origin.equals(caller.origin()) & (sameCredentials | sameBrowser);
    if (admitted && sameCredentials && caller.browser() != null) {
      browser = caller.browser();
    }
    return admitted;
  }
}
