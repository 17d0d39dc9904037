package cablestream.http.request;

import cablestream.browser.Refusal;

/**
 * How large the body of a POST may be.
 *
 * @param bytes at most
 */
public record BodyLimit(Of of, int bytes) {
  /** What the body has. */
  enum Of {
    COMMANDS("max-body"),
    FRAMES("max-tunnel-body");

    private final String setting;

    Of(String setting) {
      this.setting = setting;
    }
  }

  /** The name of the setting that says so. */
  String setting() {
    return of.setting;
  }

  /** The answer to a larger one. */
  Refusal exceeded() {
    return new Refusal(
        413, "the body is larger than " + bytes + " bytes, the limit of the setting " + setting());
  }
}
