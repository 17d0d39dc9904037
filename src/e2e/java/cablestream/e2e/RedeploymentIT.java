package cablestream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.wire.RawResponse;
import org.junit.jupiter.api.Test;

/**
 * The bridge is undeployed and redeployed in Debian's Tomcat, while pages listen behind each proxy.
 */
class RedeploymentIT {
  private static final int PAGES_PER_PROXY = 4;

  @Test
  void aRedeploymentAfterADrainFailsNothingButTheReconnectionsMeanwhileWhichThePagesRideOut() {
    try (Crowd crowd = new Crowd()) {
      for (ProxyProgram program : ProxyProgram.values()) {
        crowd.open(Stage.proxy(program), PAGES_PER_PROXY);
      }
      crowd.start();
      crowd.awaitMessages(20);

      long asked = System.nanoTime();
      RawResponse drained = Stage.site().drain();
      Stage.site().redeploy();
      long deployed = System.nanoTime();

      assertThat(drained.json().getInt("aborted")).isZero();
      assertThat(drained.json().getInt("sessions")).isGreaterThanOrEqualTo(crowd.pages().size());
      crowd.await(page -> page.isConnectedSince(asked));
      crowd.awaitMessages(20);
      crowd.finish();
      crowd.pages().forEach(page -> assertRodeItOut(page, asked, deployed));
    }
  }

  private static void assertRodeItOut(BrowserPage page, long asked, long deployed) {
    assertThat(page.losses()).isEqualTo(1);
    assertThat(page.gaps()).isEqualTo(1);
    assertThat(page.numbers().missing()).isZero();
    assertThat(page.numbers().repeated()).isZero();
    assertThat(page.failures()).allMatch(failure -> failure.isWithin(asked, deployed));
  }
}
