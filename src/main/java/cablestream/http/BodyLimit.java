package cablestream.http;

import cablestream.browser.Mode;
import cablestream.browser.Refusal;

/**
 * How large the body of a POST may be.
 *
 * @param bytes at most
 * @param setting the name of the setting that says so
 */
record BodyLimit(int bytes, String setting) {
  static BodyLimit of(HttpSettings settings, Mode mode) {
    return mode == Mode.TUNNEL
        ? new BodyLimit(settings.maxTunnelBody(), "max-tunnel-body")
        : new BodyLimit(settings.maxBody(), "max-body");
  }

  /** The answer to a larger one. */
  Refusal exceeded() {
    return new Refusal(
        413, "the body is larger than " + bytes + " bytes, the limit of the setting " + setting);
  }
}
