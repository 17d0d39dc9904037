package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;

/** What the bridge's own refusals look like. */
final class Refusals {
  private Refusals() {}

  /** JSON with one member, and none of what a container would say. */
  static void assertRefused(RawResponse answer, int status) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("content-type")).contains("application/json");
    assertThat(answer.header("x-content-type-options")).contains("nosniff");
    assertThat(answer.json().keySet()).containsExactly("error");
  }

  /** Whatever it asks, the answer is 403. */
  static void assertLockedOut(Visitor stranger) {
    assertRefused(stranger.stream("").send(), 403);
    assertRefused(stranger.poll("timeout=0"), 403);
    assertRefused(stranger.send(CableSession.ECHO, "{\"action\":\"intruder\"}"), 403);
    assertRefused(stranger.request("POST", "").body("").send(), 403);
    assertRefused(stranger.delete(), 403);
  }
}
