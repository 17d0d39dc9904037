package cablestream.http.request;

import cablestream.browser.Mode;
import cablestream.browser.Refusal;

/**
 * How large the body of a POST may be.
 *
 * @param mode of the session that it is for
 * @param bytes at most
 */
public record BodyLimit(Mode mode, int bytes) {
  public static BodyLimit of(HttpSettings settings, Mode mode) {
    return new BodyLimit(mode, settings.maxBody(mode));
  }

  /** The name of the setting that says so. */
  public String setting() {
    return mode == Mode.TUNNEL ? "max-tunnel-body" : "max-body";
  }

  /** The answer to a larger one. */
  Refusal exceeded() {
    return new Refusal(
        413, "the body is larger than " + bytes + " bytes, the limit of the setting " + setting());
  }
}
