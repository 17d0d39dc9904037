package cablestream.hardening;

import static cablestream.hardening.Refusals.assertLockedOut;
import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.ServerSocketFrames;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Origins that resemble the right one, where the Action Cable server decides: each must reach the
 * server unchanged, and none joins a session that another one has opened.
 */
@InTomcatAndJetty
class LookAlikeOriginIT extends Attacks {
  private final Visitor owner;
  private final List<String> lookAlikes;

  LookAlikeOriginIT(Container container) {
    super(Victim.usual(container));
    owner = victim.bystander().visitor();
    String own = owner.header("Origin");
    lookAlikes =
        List.of(
            "null",
            own + ".evil.example",
            "http://evil.example." + own.substring("http://".length()),
            "http://evil-" + own.substring("http://".length()),
            own + "0",
            "http://127.0.0.1",
            own.replace("http:", "https:"),
            own.replace("http:", "HTTP:"),
            own.replace("127.0.0.1", "localhost"),
            own.replace("127.0.0.1", "127.0.0.1."),
            "chrome-extension://" + own.substring("http://".length()));
  }

  @Test
  void aLookAlikeOnAnothersSessionWithTheVictimsCookies() {
    for (String origin : lookAlikes) {
      assertLockedOut(owner.withOrigin(origin));
    }
  }

  @Test
  void aLookAlikeOnASessionOfItsOwnIsTheServersToRefuse() {
    for (String origin : lookAlikes) {
      Visitor visitor = victim.visitor().withOrigin(origin);
      assertRefused(visitor.stream("").send(), 502);
      assertThat(
              ServerSocketFrames.header(cable.requests(visitor.header("Cookie")).get(0), "Origin"))
          .isEqualTo(origin);
    }
  }

  @Test
  void anAnswerIsReadableToThePageThatOpenedTheSessionAlone() {
    RawResponse answer = owner.postBody("[]");
    assertThat(answer.header("access-control-allow-origin")).contains(owner.header("Origin"));
    RawResponse without = owner.without("Origin").postBody("[]");
    assertThat(without.header("access-control-allow-origin")).isEmpty();
    assertThat(without.header("vary")).contains("Origin");
  }

  @Test
  void originsThatAreNone() {
    String own = owner.header("Origin");
    for (String origin :
        List.of("", own + "/", own + "/path", own + " ", "*", own + "," + own, "http://a@" + own)) {
      Visitor visitor = owner.withOrigin(origin);
      RawResponse answer = visitor.postBody("[]");
      // White space around a value isn't part of it.
      if (!origin.strip().equals(own)) {
        assertRefused(answer, 400);
        assertThat(answer.header("access-control-allow-origin")).isEmpty();
      }
    }
  }

  @Test
  void twoOrigins() {
    RawResponse answer = owner.with("Origin", "https://evil.example").postBody("[]");
    assertRefused(answer, 400);
    assertThat(answer.header("access-control-allow-origin").orElse(""))
        .doesNotContain("evil.example");
  }
}
