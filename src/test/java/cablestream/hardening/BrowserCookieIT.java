package cablestream.hardening;

import static cablestream.hardening.Refusals.assertLockedOut;
import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import org.junit.jupiter.api.Test;

/** The bridge's own cookie: forged, stolen and planted; protocol section 8. */
@InTomcatAndJetty
class BrowserCookieIT extends Attacks {
  private final Visitor owner;
  private final String cookie;

  BrowserCookieIT(Container container) {
    super(Victim.usual(container));
    owner = victim.bystander().visitor();
    cookie = Visitor.cookieOf(victim.bystander().answer());
  }

  private Visitor thief() {
    return victim.visitor().withId(owner.id());
  }

  @Test
  void aForgedCookie() {
    char last = cookie.charAt(cookie.length() - 1);
    String forged = cookie.substring(0, cookie.length() - 1) + (last == '0' ? '1' : '0');
    assertLockedOut(thief().with("Cookie", forged));
  }

  @Test
  void cookiesThatTheBridgeCannotHaveSet() {
    assertLockedOut(thief().with("Cookie", "cablestream="));
    assertLockedOut(thief().with("Cookie", "cablestream"));
    assertLockedOut(thief().with("Cookie", "cablestream=%00"));
    assertLockedOut(thief().with("Cookie", "cablestream=" + "0".repeat(32)));
    assertLockedOut(thief().with("Cookie", cookie + "0"));
    assertLockedOut(thief().with("Cookie", cookie.toUpperCase()));
    assertLockedOut(thief().with("Cookie", "Cablestream=" + cookie.split("=")[1]));
  }

  @Test
  void aCookieReplayedFromAPageOfAnotherSite() {
    Visitor replaying = thief().with("Cookie", cookie);
    assertLockedOut(replaying.withOrigin("https://evil.example"));
    assertLockedOut(replaying.withOrigin("null"));
  }

  @Test
  void aCookieReplayedFromAnotherBrowserOpensNoSessionButItsOwn() {
    // The cookie distinguishes browsers, but doesn't grant access to an unknown id.
    Visitor replaying = victim.visitor().with("Cookie", cookie);
    assertRefused(replaying.postBody("[]"), 404);
    try (EventStream stream = replaying.listenTo(CableSession.ECHO)) {
      assertThat(stream.response().headers("set-cookie")).isEmpty();
    }
  }

  @Test
  void theCookieNeverReachesTheServerOrAnAnswer() {
    Visitor visitor = victim.visitor().with("Cookie", cookie + "; a=1").with("Cookie", cookie);
    try (EventStream stream = visitor.listenTo(CableSession.ECHO)) {
      assertThat(stream.response().toString()).doesNotContain(cookie);
    }
    assertThat(cable.requests(visitor.header("Cookie"))).hasSize(1);
    assertThat(cable.requests("cablestream=")).isEmpty();
  }

  @Test
  void aCookieThatASiblingSiteHasPlantedBesideTheOwnOne() {
    String planted = "cablestream=" + "a".repeat(32);
    Visitor visitor = victim.visitor();
    try (EventStream stream = visitor.listenTo(CableSession.ECHO)) {
      String own = Visitor.cookieOf(stream.response());
      // Either may be the planted one, so neither counts, and the credentials decide.
      for (String both : new String[] {planted + "; " + own, own + "; " + planted}) {
        assertThat(visitor.with("Cookie", both).postBody("[]").status()).isEqualTo(200);
        assertRefused(
            visitor.without("Cookie").with("Cookie", "user=changed; " + both).postBody("[]"), 403);
      }
      // The planted cookie doesn't grant access to the session either.
      assertLockedOut(victim.visitor().withId(visitor.id()).with("Cookie", planted));
      assertThat(visitor.without("Cookie").with("Cookie", own).postBody("[]").status())
          .isEqualTo(200);
    }
  }

  @Test
  void aCookieThatASiblingSiteHasPlantedAlone() {
    String planted = "cablestream=" + "b".repeat(32);
    Visitor visitor = victim.visitor().with("Cookie", planted);
    try (EventStream stream = visitor.listenTo(CableSession.ECHO)) {
      // The attacker who planted it still knows no id, and the attacker's page has another origin.
      Visitor planter = victim.visitor().with("Cookie", planted);
      assertRefused(planter.postBody("[]"), 404);
      assertLockedOut(planter.withId(visitor.id()).withOrigin("https://sibling.example"));
      assertThat(visitor.postBody("[]").status()).isEqualTo(200);
      assertThat(stream.response().headers("set-cookie")).isEmpty();
    }
  }
}
