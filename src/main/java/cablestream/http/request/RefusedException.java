package cablestream.http.request;

import cablestream.browser.Refusal;

/** A refused request; the code that catches it answers with the refusal. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /**
   * @param error a sentence for the body that names the problem and what is valid; it never repeats
   *     input
   */
  public RefusedException(int status, String error) {
    // No stack trace: this is a normal answer, and a flood of bad requests must stay cheap.
    super(error, null, false, false);
    this.refusal = new Refusal(status, error);
  }

  public RefusedException(Refusal refusal) {
    super(refusal.error(), null, false, false);
    this.refusal = refusal;
  }

  public Refusal refusal() {
    return refusal;
  }
}
