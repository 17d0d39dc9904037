package cablestream.http.request;

import cablestream.browser.Refusal;

/**
 * The largest body of a POST.
 *
 * @param setting the name of the setting
 */
public record BodyLimit(String setting, int bytes) {
  /** The refusal of a larger body. */
  Refusal exceeded() {
    return new Refusal(
        413, "the body is larger than " + bytes + " bytes, the limit of the setting " + setting);
  }
}
