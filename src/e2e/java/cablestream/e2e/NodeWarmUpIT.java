package cablestream.e2e;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.RawResponse;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A node that warms up gets no browsers while other nodes can serve them. */
class NodeWarmUpIT {
  private static final Pattern WARMED_UP = Pattern.compile("event=warmed_up sessions=\\d+");

  @Test
  void oneThatJoinsIsReadyWhenItIsOver() {
    try (ValkeyServer store = ValkeyServer.start();
        StandaloneBridge warm = node(store, "0s")) {
      Listening first = warm.awaitListening();
      awaitStore(first);
      assertThat(ready(first).status()).isEqualTo(200);

      try (StandaloneBridge joining = node(store, "20s")) {
        Listening second = joining.awaitListening();
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  RawResponse answer = ready(second);
                  assertThat(answer.status()).isEqualTo(503);
                  assertThat(answer.json().getString("status")).isEqualTo("warming_up");
                });
        assertThat(ready(first).status()).isEqualTo(200);
        assertThat(joining.process().log()).doesNotContain("event=warmed_up");

        joining.process().await(0, WARMED_UP, PATIENCE);

        await().atMost(PATIENCE).until(() -> ready(second).status() == 200);
      }
    }
  }

  /** For example after a power failure: no other node can serve them. */
  @Test
  void nodesThatStartTogetherAreReadyAtOnce() {
    try (ValkeyServer store = ValkeyServer.start();
        StandaloneBridge one = node(store, "30s");
        StandaloneBridge other = node(store, "30s")) {
      Listening first = one.awaitListening();
      Listening second = other.awaitListening();
      awaitStore(first);
      awaitStore(second);
      long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
      while (System.nanoTime() < end) {
        assertThat(ready(first).status()).isEqualTo(200);
        assertThat(ready(second).status()).isEqualTo(200);
      }
      assertThat(one.process().log() + other.process().log()).doesNotContain("event=warmed_up");
    }
  }

  private static void awaitStore(Listening node) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(ready(node).json().getString("cluster")).isEqualTo("up"));
  }

  private static StandaloneBridge node(ValkeyServer store, String warmUp) {
    return StandaloneBridge.start(
        Map.of(
            "cable.url", "ws://127.0.0.1:9/cable",
            "http.port", "0",
            "warm-up", warmUp,
            "cluster.store", store.url(),
            "cluster.secret", "0123456789abcdef0123456789abcdef"));
  }

  private static RawResponse ready(Listening node) {
    return node.request("GET", "/-/ready").send();
  }
}
