package cablestream.e2e;

import static cablestream.support.wire.Commands.ECHO;
import static cablestream.support.wire.Commands.echo;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** protocol.md, section 8: access. */
@InTomcatAndJetty
class CallerIT {
  private final Bridge bridge;

  CallerIT(Container container) {
    bridge = Stage.bridge(container);
  }

  @Test
  void aStrangerWhoKnowsTheIdIsAnswered403WhateverItAsks() {
    Visitor owner = bridge.visitor();
    try (EventStream stream = owner.listenTo(ECHO)) {
      assertIsLockedOut(bridge.visitor().withId(owner.id()));
      assertIsLockedOut(bridge.visitor().withId(owner.id()).without("Cookie"));

      // The owner isn't affected.
      owner.post(echo(ECHO, "still here"));
      assertThat(stream.next("received").json().getJsonObject("message").getString("text"))
          .isEqualTo("still here");
    }
  }

  @Test
  void theSameCredentialsFromAnotherOriginAreLockedOut() {
    Visitor owner = bridge.visitor();
    try (EventStream stream = owner.listenTo(ECHO)) {
      RawResponse answer = stream.response();

      assertIsLockedOut(owner.withOrigin("http://evil.example"));
      assertIsLockedOut(owner.withCookieOf(answer).withOrigin("http://evil.example"));
      assertIsLockedOut(owner.withOrigin("null"));
    }
  }

  @Test
  void theSameCredentialsAreLetIn() {
    Visitor owner = bridge.visitor();
    try (EventStream stream = owner.listenTo(ECHO)) {
      assertThat(owner.post(echo(ECHO, "x")).status()).isEqualTo(200);
      stream.next("received");
    }
  }

  @Test
  void theSameBrowserIsLetInWhenRailsHasChangedItsCookie() {
    Visitor owner = bridge.visitor();
    try (EventStream stream = owner.listenTo(ECHO)) {
      Visitor later =
          owner
              .without("Cookie")
              .with("Cookie", "user=re-encrypted")
              .withCookieOf(stream.response());

      assertThat(later.post(echo(ECHO, "x")).status()).isEqualTo(200);
      stream.next("received");
    }
  }

  @Test
  void aForgedBrowserCookieIsNoHelp() {
    Visitor owner = bridge.visitor();
    try (EventStream stream = owner.listenTo(ECHO)) {
      String own = stream.response().header("set-cookie").orElseThrow().split(";")[0];
      String forged = own.substring(0, own.length() - 1) + (own.endsWith("0") ? "1" : "0");

      assertIsLockedOut(bridge.visitor().withId(owner.id()).with("Cookie", forged));
      assertIsLockedOut(bridge.visitor().withId(owner.id()).with("Cookie", "cablestream="));
    }
  }

  @Test
  void aTokenInTheQueryHasToBeRepeated() {
    Visitor owner = bridge.visitor().without("Cookie").withQuery("token=ann-caller");
    try (EventStream stream = owner.listenTo(ECHO)) {
      assertThat(owner.post(echo(ECHO, "x")).status()).isEqualTo(200);
      stream.next("received");

      assertIsLockedOut(owner.withQuery(""));
      assertIsLockedOut(owner.withQuery("token=bob"));
    }
  }

  @Test
  void anAuthorizationHasToBeRepeated() {
    Visitor owner = bridge.visitor().with("Authorization", "Bearer 1");
    try (EventStream stream = owner.listenTo(ECHO)) {
      assertThat(owner.post(echo(ECHO, "x")).status()).isEqualTo(200);
      stream.next("received");

      assertIsLockedOut(owner.without("Authorization"));
      assertIsLockedOut(owner.without("Authorization").with("Authorization", "Bearer 2"));
    }
  }

  @Test
  void anAbsentOriginCountsAsTheBridgesOwn() {
    Visitor owner = bridge.visitor();
    try (EventStream stream = owner.listenTo(ECHO)) {
      Visitor without = owner.without("Origin");

      assertThat(without.post(echo(ECHO, "x")).status()).isEqualTo(200);
      stream.next("received");
      assertThat(without.with("Sec-Fetch-Site", "same-origin").post(echo(ECHO, "x")).status())
          .isEqualTo(200);
    }
  }

  @Test
  void anImageOnAnotherSiteIsAnswered403BeforeAnythingIsDialled() {
    for (String site : List.of("cross-site", "same-site")) {
      Visitor victim = bridge.visitor().without("Origin").with("Sec-Fetch-Site", site);
      Visitor withReferer = victim.with("Referer", victim.origin() + "/page");

      OpeningIT.assertError(victim.refused(), 403);
      OpeningIT.assertError(victim.poll(""), 403);
      OpeningIT.assertError(withReferer.refused(), 403);
      assertThat(Stage.rails().connections(victim.user())).isEmpty();
    }
  }

  @Test
  void theBrowserGetsACookieThatNoScriptReads() {
    try (EventStream stream = bridge.visitor().listen()) {
      String cookie = stream.response().header("set-cookie").orElseThrow();

      assertThat(cookie).startsWith("cablestream=");
      // 128 bits are 22 characters of base64, or 32 of hex.
      assertThat(cookie.split(";")[0].length() - "cablestream=".length()).isBetween(22, 32);
      assertThat(cookie.toLowerCase(Locale.ROOT))
          .contains("httponly")
          .contains("samesite=lax")
          .contains("max-age=" + Duration.ofDays(400).toSeconds())
          .doesNotContain("path=")
          .doesNotContain("domain=")
          .doesNotContain("secure");
    }
  }

  @Test
  void onHttpsTheCookieIsSecureAndForAnotherSiteItIsPartitioned() {
    Visitor https =
        bridge
            .visitor()
            .without("Origin")
            .with("Host", "app.example")
            .with("Origin", "https://app.example")
            .with("X-Forwarded-Proto", "https");
    try (EventStream stream = https.listen()) {
      assertThat(stream.response().header("set-cookie").orElseThrow().toLowerCase(Locale.ROOT))
          .contains("; secure")
          .contains("samesite=lax");
    }
    Visitor crossSite = https.withNewId().with("Sec-Fetch-Site", "cross-site");
    try (EventStream stream = crossSite.listen()) {
      assertThat(stream.response().header("set-cookie").orElseThrow().toLowerCase(Locale.ROOT))
          .contains("; secure")
          .contains("samesite=none")
          .contains("partitioned");
    }
  }

  @Test
  void aBrowserThatHasTheCookieGetsNoOther() {
    Visitor visitor = bridge.visitor();
    Visitor known;
    try (EventStream stream = visitor.listen()) {
      known = visitor.withCookieOf(stream.response()).withNewId();
    }
    try (EventStream stream = known.listen()) {
      assertThat(stream.response().headers("set-cookie")).isEmpty();
    }
  }

  @Test
  void aDeleteEndsTheSessionAtOnceAndAgainIsNoError() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      assertThat(visitor.delete().status()).isEqualTo(204);

      assertThat(stream.skipTo("closed").json().getString("reason")).isEqualTo("ended");
      stream.expectEnd();
      assertGoneFromRails(visitor);
      assertThat(visitor.delete().status()).isEqualTo(204);
    }
  }

  @Test
  void aPostWithAnEmptyBodyIsAFarewell() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      RawResponse answer =
          visitor.request("POST", "").header("Content-Type", "text/plain").body("").send();

      assertThat(answer.status()).isEqualTo(204);
      stream.skipTo("closed");
      stream.expectEnd();
      assertGoneFromRails(visitor);
    }
  }

  @Test
  void aFarewellForAnotherSessionEndsNothing() {
    Visitor visitor = bridge.visitor();
    try (EventStream stream = visitor.listenTo(ECHO)) {
      String session = stream.response().header("x-session-id").orElseThrow();

      assertThat(visitor.request("POST", "session-id=x" + session).body("").send().status())
          .isEqualTo(204);
      assertThat(visitor.post(echo(ECHO, "alive")).status()).isEqualTo(200);
      stream.next("received");

      assertThat(visitor.request("POST", "session-id=" + session).body("").send().status())
          .isEqualTo(204);
      stream.skipTo("closed");
    }
  }

  @Test
  void afterADeleteTheSameIdOpensANewSession() {
    Visitor visitor = bridge.visitor();
    String first;
    try (EventStream stream = visitor.listen()) {
      first = stream.next("joined").json().getString("session_id");
      visitor.delete();
    }
    try (EventStream stream = visitor.listen()) {
      assertThat(stream.next("joined").json().getString("session_id")).isNotEqualTo(first);
    }
  }

  private static void assertIsLockedOut(Visitor stranger) {
    OpeningIT.assertError(stranger.refused(), 403);
    OpeningIT.assertError(stranger.poll("timeout=0"), 403);
    OpeningIT.assertError(stranger.post(echo(ECHO, "intruder")), 403);
    OpeningIT.assertError(stranger.delete(), 403);
    OpeningIT.assertError(stranger.request("POST", "").body("").send(), 403);
  }

  private static void assertGoneFromRails(Visitor visitor) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(2))
        .untilAsserted(() -> assertThat(Stage.rails().connections(visitor.user())).isEmpty());
  }
}
