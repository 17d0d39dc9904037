package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Origins that resemble one of the setting allowed-origins: the bridge dials for none of them. */
@InTomcatAndJetty
class AllowedOriginIT extends Attacks {
  AllowedOriginIT(Container container) {
    super(Victim.strict(container));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "https://app.example.evil.example",
        "https://evil-app.example",
        "https://evil.app.example",
        "https://app.exampl",
        "https://app.example.",
        "https://APP.example",
        "https://app.example:443",
        "https://app.example:8443",
        "http://app.example",
        "wss://app.example",
        "https://xn--pp-eka.example"
      })
  void anOriginThatIsNotOnTheListButAlmost(String origin) {
    Visitor visitor = victim.visitor().withOrigin(origin);
    assertForeign(visitor, visitor.stream("").send());
    assertForeign(visitor, visitor.poll("timeout=0"));
    assertForeign(visitor, visitor.postBody("[]"));
    assertForeign(visitor, visitor.delete());
    RawResponse preflight = visitor.request("OPTIONS", "").send();
    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.header("access-control-allow-origin")).isEmpty();
    assertThat(cable.requests(visitor.header("Cookie"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "same-origin", "none"})
  void noOriginAtAll(String site) {
    // Without an Origin header the bridge's own origin counts, which isn't on the list.
    Visitor visitor = victim.visitor().without("Origin").with("Sec-Fetch-Site", site);
    assertForeign(visitor, visitor.stream("").header("Referer", Victim.PAGE + "/").send());
  }

  private void assertForeign(Visitor visitor, RawResponse answer) {
    assertRefused(answer, 403);
    assertThat(answer.header("access-control-allow-origin")).isEmpty();
    assertThat(answer.header("set-cookie")).isEmpty();
    assertThat(victim.cable().requests(visitor.header("Cookie"))).isEmpty();
  }
}
