package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a node still has to tell the store; ClusterTest has what follows from it. */
class ClaimsTest {
  private final Claims claims =
      new Claims("node", new MemoryStore().view(), new KnownNodes("node"));

  /** Each time that the store is back, all sessions are to be claimed again. */
  @Test
  void aSessionWaitsOnceToBeClaimedAgainHoweverOftenTheStoreIsLost() {
    for (int i = 0; i < 600; i++) {
      claims.open("key-" + i, "session-" + i);
    }
    for (int i = 0; i < 20; i++) {
      claims.claimAllLater();
    }
    claims.settle();
    assertThat(claims.isBehind()).isTrue();
    claims.settle();
    assertThat(claims.isBehind()).isFalse();
  }
}
