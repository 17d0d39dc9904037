package cablestream.e2e;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.RawResponse;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A node that warms up is sent no browsers where others can have them. */
class NodeWarmUpIT {
  private static final Pattern WARMED_UP = Pattern.compile("event=warmed_up sessions=\\d+");

  @Test
  void oneOfSeveralIsReadyWhenItIsOverAndALoneOneAtOnce() {
    try (ValkeyServer store = ValkeyServer.start();
        StandaloneBridge first = node(store)) {
      Listening lone = first.awaitListening();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(ready(lone).json().getString("cluster")).isEqualTo("up"));
      assertThat(ready(lone).status()).isEqualTo(200);
      assertThat(first.process().log()).doesNotContain("event=warmed_up");

      try (StandaloneBridge second = node(store)) {
        Listening joining = second.awaitListening();
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  RawResponse answer = ready(joining);
                  assertThat(answer.status()).isEqualTo(503);
                  assertThat(answer.json().getString("status")).isEqualTo("warming_up");
                });

        second.process().await(0, WARMED_UP, PATIENCE);

        await().atMost(PATIENCE).until(() -> ready(joining).status() == 200);
      }
    }
  }

  private static StandaloneBridge node(ValkeyServer store) {
    return StandaloneBridge.start(
        Map.of(
            "cable.url", "ws://127.0.0.1:9/cable",
            "http.port", "0",
            "warm-up", "20s",
            "cluster.store", store.url(),
            "cluster.secret", "0123456789abcdef0123456789abcdef"));
  }

  private static RawResponse ready(Listening node) {
    return node.request("GET", "/-/ready").send();
  }
}
