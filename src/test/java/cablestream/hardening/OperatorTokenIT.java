package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What requests without a token can see and do of the operator endpoints; protocol section 10. */
@InTomcatAndJetty
class OperatorTokenIT extends Attacks {
  private static final List<String> READ =
      List.of("-/metrics", "-/status.json", "-/session/0123abcd");

  OperatorTokenIT(Container container) {
    super(Victim.usual(container));
  }

  private void assertShut(Visitor visitor) {
    for (String path : READ) {
      assertRefused(visitor.withId(path).poll(""), 401);
    }
    for (String path : List.of("-/drain", "-/session/0123abcd/close")) {
      assertRefused(visitor.withId(path).request("POST", "").body("").send(), 401);
    }
    RawResponse page = visitor.withId("-/status").poll("");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text()).doesNotContain(victim.cable().url().getAuthority());
  }

  /**
   * Any request looks like this if a proxy on the same machine passes it on without adding a
   * header.
   */
  @Test
  void fromTheMachineItself() {
    assertShut(victim.visitor().without("Origin").with("Host", "localhost"));
    assertShut(victim.visitor().without("Origin"));
  }

  @Test
  void throughAProxyOnTheSameMachine() {
    for (String header : List.of("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")) {
      assertShut(victim.visitor().without("Origin").with(header, "127.0.0.1"));
    }
  }

  @Test
  void byTheNameOfAnotherHost() {
    assertShut(victim.visitor().without("Origin").with("Host", "evil.example"));
    assertShut(victim.visitor().without("Origin").with("Host", "888.8.8.8"));
  }

  @Test
  void outOfAnotherPage() {
    assertShut(victim.visitor().withOrigin("http://localhost:3000"));
  }

  @Test
  void byAGuessAndWithTheToken() {
    Visitor visitor = victim.visitor();
    assertShut(visitor.with("Authorization", "Bearer " + Bridge.OPERATOR_TOKEN + "x"));
    assertShut(visitor.with("Authorization", Bridge.OPERATOR_TOKEN));
    RawResponse metrics =
        visitor
            .with("Authorization", "Bearer " + Bridge.OPERATOR_TOKEN)
            .withId("-/metrics")
            .poll("");
    assertThat(metrics.status()).isEqualTo(200);
  }
}
