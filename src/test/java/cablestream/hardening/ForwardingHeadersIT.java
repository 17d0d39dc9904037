package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.ServerSocketFrames;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.Visitor;
import org.junit.jupiter.api.Test;

/**
 * Forwarding headers from addresses that the setting trusted-proxies doesn't name; protocol section
 * 5.
 */
@InTomcatAndJetty
class ForwardingHeadersIT extends Attacks {
  ForwardingHeadersIT(Container container) {
    super(Victim.usual(container));
  }

  private String dialOf(Visitor visitor) {
    try (EventStream stream = visitor.listen()) {
      stream.next("joined");
    }
    return cable.requests(visitor.header("Cookie")).get(0);
  }

  @Test
  void anAddressThatAStrangerClaims() {
    String dial =
        dialOf(
            victim
                .visitor()
                .from("127.0.0.50")
                .with("X-Forwarded-For", "10.0.0.1")
                .with("X-Real-IP", "10.0.0.1")
                .with("Forwarded", "for=10.0.0.1"));
    assertThat(ServerSocketFrames.header(dial, "X-Forwarded-For")).isEqualTo("127.0.0.50");
    assertThat(ServerSocketFrames.header(dial, "X-Real-IP")).isEqualTo("127.0.0.50");
    assertThat(dial).doesNotContain("10.0.0.1");
  }

  @Test
  void aSiteThatAStrangerClaims() {
    // Rails compares the origin with these headers: a client that could choose them could choose
    // the origin.
    Visitor liar =
        victim
            .visitor()
            .withOrigin("https://evil.example")
            .with("X-Forwarded-Proto", "https")
            .with("X-Forwarded-Host", "evil.example")
            .with("X-Forwarded-Port", "443");
    assertRefused(liar.stream("").send(), 502);
    assertThat(cable.requests(liar.header("Cookie")).get(0))
        .contains("X-Forwarded-Proto: http\r\n")
        .contains("X-Forwarded-Host: 127.0.0.1:" + victim.port() + "\r\n")
        .contains("X-Forwarded-Port: " + victim.port() + "\r\n");
  }

  @Test
  void anHttpsThatAStrangerClaimsMakesNoSecureCookie() {
    Visitor liar = victim.visitor().with("X-Forwarded-Proto", "https");
    try (EventStream stream = liar.listen()) {
      assertThat(stream.response().header("set-cookie").orElseThrow()).doesNotContain("Secure");
    }
  }

  @Test
  void anAddressThatABrowserClaimsBehindTheProxy() {
    // The proxy appends its client. Earlier entries are forwarded, but not used as the client's
    // address.
    String dial =
        dialOf(
            victim.visitor().from(Victim.PROXY).with("X-Forwarded-For", "10.6.6.6, 203.0.113.9"));
    assertThat(ServerSocketFrames.header(dial, "X-Forwarded-For"))
        .isEqualTo("10.6.6.6, 203.0.113.9, " + Victim.PROXY);
    assertThat(ServerSocketFrames.header(dial, "X-Real-IP")).isEqualTo("203.0.113.9");
  }

  @Test
  void aRealAddressThatABrowserClaimsBehindAProxyThatOnlyAppends() {
    String dial =
        dialOf(
            victim
                .visitor()
                .from(Victim.PROXY)
                .with("X-Forwarded-For", "203.0.113.9")
                .with("X-Real-IP", "10.6.6.6"));
    assertThat(ServerSocketFrames.header(dial, "X-Real-IP")).isEqualTo("203.0.113.9");
    assertThat(dial).doesNotContain("10.6.6.6");
  }

  @Test
  void whatIsNoAddressBehindTheProxy() {
    for (String claim :
        new String[] {"evil.example", "1.2.3.4.5", "999.9.9.9", "::ffff:999.1.1.1", "x\ty"}) {
      String dial =
          dialOf(
              victim
                  .visitor()
                  .from(Victim.PROXY)
                  .with("X-Real-IP", claim)
                  .with("X-Forwarded-For", claim));
      assertThat(ServerSocketFrames.header(dial, "X-Real-IP")).isEqualTo(Victim.PROXY);
    }
  }
}
