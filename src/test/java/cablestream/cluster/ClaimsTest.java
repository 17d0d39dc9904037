package cablestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.FakeTimers;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The claims that a node has yet to send to the store; ClusterTest has the consequences. */
class ClaimsTest {
  private final MemoryStore store = new MemoryStore();
  private final Claims claims =
      new Claims("node", store.view(), new KnownNodes("node", new FakeTimers()));

  /** Each time the store is back, all sessions must be claimed again. */
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

  /** Attackers may open and leave any number of sessions while the store can't be reached. */
  @Test
  void endedSessionsThatWaitToBeReleasedAreBounded() {
    List<String> keys = IntStream.range(0, 30_000).mapToObj(i -> "key-" + i).toList();
    store.view().claim("node", keys);
    keys.forEach(key -> claims.release(key, false));
    while (claims.isBehind()) {
      claims.settle();
    }
    assertThat(store.claims()).hasSize(10_000);
  }
}
