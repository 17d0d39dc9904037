package cablestream.http.request;

import cablestream.browser.Refusal;

/**
 * The largest body of a POST.
 *
 * @param bytes its size
 */
public record BodyLimit(Of of, int bytes) {
  /** The contents of the body. */
  enum Of {
    COMMANDS("max-body"),
    FRAMES("max-tunnel-body");

    private final String setting;

    Of(String setting) {
      this.setting = setting;
    }
  }

  /** The name of the setting with this limit. */
  String setting() {
    return of.setting;
  }

  /** The refusal of a larger body. */
  Refusal exceeded() {
    return new Refusal(
        413, "the body is larger than " + bytes + " bytes, the limit of the setting " + setting());
  }
}
