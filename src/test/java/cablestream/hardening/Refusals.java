package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;

/** The form of the bridge's own error responses. */
final class Refusals {
  private Refusals() {}

  /** JSON with one member, and no text of the container. */
  static void assertRefused(RawResponse answer, int status) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("content-type")).contains("application/json");
    assertThat(answer.header("x-content-type-options")).contains("nosniff");
    assertThat(answer.json().keySet()).containsExactly("error");
  }

  /** Each kind of request returns 403. */
  static void assertLockedOut(Visitor stranger) {
    assertRefused(stranger.stream("").send(), 403);
    assertRefused(stranger.poll("timeout=0"), 403);
    assertRefused(stranger.send(CableSession.ECHO, "{\"action\":\"intruder\"}"), 403);
    assertRefused(stranger.request("POST", "").body("").send(), 403);
    assertRefused(stranger.delete(), 403);
  }
}
