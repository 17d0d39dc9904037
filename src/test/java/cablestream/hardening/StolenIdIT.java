package cablestream.hardening;

import static cablestream.hardening.Refusals.assertLockedOut;
import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Guessed and stolen events-ids, session ids and cursors; protocol section 8. */
@InTomcatAndJetty
class StolenIdIT extends Attacks {
  private final Visitor owner;

  StolenIdIT(Container container) {
    super(Victim.usual(container));
    owner = victim.bystander().visitor();
  }

  @Test
  void aStolenIdWithOwnCredentials() {
    assertLockedOut(victim.visitor().withId(owner.id()));
  }

  @Test
  void aStolenIdWithoutCredentials() {
    assertLockedOut(victim.visitor().withId(owner.id()).without("Cookie"));
  }

  @Test
  void aStolenIdWithTheVictimsCredentialsSplitOtherwise() {
    // Cookie, Authorization and query are compared with boundaries between them.
    String cookie = owner.header("Cookie");
    Visitor thief = victim.visitor().withId(owner.id()).without("Cookie");
    assertLockedOut(thief.with("Authorization", cookie));
    assertLockedOut(thief.withQuery(cookie));
    assertLockedOut(thief.with("Cookie", cookie + "; " + cookie));
  }

  @Test
  void aStolenIdOnAPageOfAnotherSiteThatHasTheVictimsCookies() {
    assertLockedOut(owner.withOrigin("https://evil.example"));
  }

  @Test
  void aStolenIdOnAnImageOfAnotherSite() {
    Visitor image = owner.without("Origin").with("Sec-Fetch-Site", "cross-site");
    assertRefused(image.stream("").send(), 403);
    assertRefused(image.poll("timeout=0"), 403);
  }

  @Test
  void aStolenIdWithTheVictimsCursor() {
    Visitor thief = victim.visitor().withId(owner.id());
    String cursor = victim.bystander().cursor();
    assertRefused(thief.stream("last-event-id=" + cursor).send(), 403);
    assertRefused(thief.poll("timeout=0&last-event-id=" + cursor), 403);
    assertRefused(thief.stream("").header("Last-Event-ID", cursor).send(), 403);
  }

  @Test
  void anotherSessionsCursorOnAStreamOfOnesOwn() {
    Visitor thief = victim.visitor();
    try (EventStream own = thief.listenTo(CableSession.ECHO)) {
      thief.send(CableSession.ECHO, "{\"own\":1}");
      own.next("received");
    }
    String cursor = victim.bystander().cursor();
    try (EventStream stream = thief.stream("last-event-id=" + cursor).listen()) {
      StreamedEvent joined = stream.next("joined");
      assertThat(joined.json().getBoolean("resumed")).isFalse();
      assertThat(stream.next("gap").json().isNull("dropped")).isTrue();
      // Its own log from the beginning, and nothing of the other session's.
      stream.next("connected");
      JsonObject received = stream.next("received").json();
      assertThat(received.getJsonObject("message").getInt("own")).isEqualTo(1);
      assertThat(received.getString("session_id")).isEqualTo(joined.json().getString("session_id"));
    }
  }

  @Test
  void anotherSessionsCursorOnAPollOfOnesOwn() {
    Visitor thief = victim.visitor();
    JsonObject answer = thief.poll("timeout=0&last-event-id=" + victim.bystander().cursor()).json();
    assertThat(answer.toString()).doesNotContain("NumbersChannel");
    assertThat(answer.getString("session_id"))
        .isNotEqualTo(victim.bystander().answer().header("x-session-id").orElseThrow());
  }

  @Test
  void anotherSessionsIdInAFarewell() {
    String session = victim.bystander().answer().header("x-session-id").orElseThrow();
    Visitor thief = victim.visitor();
    assertThat(thief.request("DELETE", "session-id=" + session).send().status()).isEqualTo(204);
    assertRefused(thief.withId(owner.id()).request("DELETE", "session-id=" + session).send(), 403);
  }

  @Test
  void guessedIds() {
    for (int i = 0; i < 100; i++) {
      Visitor guesser = victim.visitor().withId(UUID.randomUUID().toString());
      assertRefused(guesser.postBody("[]"), 404);
      assertThat(guesser.delete().status()).isEqualTo(204);
    }
  }

  @Test
  void idsThatAreNone() {
    List<String> ids =
        List.of(
            "short", "x".repeat(129), owner.id() + "/", owner.id() + ";a=b", owner.id() + "%00");
    for (String id : ids) {
      RawResponse answer = owner.withId(id).request("POST", "").body("[]").send();
      assertThat(answer.status()).as(id).isBetween(400, 405);
      assertThat(answer.text()).as(id).doesNotContain(owner.id());
    }
  }

  @Test
  void anIdThatAnotherHasSquattedOn() {
    // The id belongs to the first client that uses it; the rightful visitor gets nothing of that
    // session, and uses another id.
    Visitor rightful = victim.visitor();
    try (EventStream squatter =
        victim.visitor().withId(rightful.id()).listenTo(CableSession.ECHO)) {
      assertLockedOut(rightful);
      try (EventStream elsewhere = rightful.withNewId().listenTo(CableSession.ECHO)) {
        assertThat(elsewhere.response().status()).isEqualTo(200);
      }
      assertThat(squatter.response().status()).isEqualTo(200);
    }
  }

  @Test
  void anIdInAnotherSpelling() {
    String escaped = "%" + Integer.toHexString(owner.id().charAt(0)) + owner.id().substring(1);
    assertRefused(owner.withId(escaped).postBody("[]"), 400);
    RawResponse upper = victim.visitor().withId(owner.id().toUpperCase()).postBody("[]");
    // A UUID of digits only would be the same in upper case.
    assertThat(upper.status()).isIn(403, 404);
  }
}
