package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Thousands of sessions, and the settings max-sessions and max-sessions-per-address. */
@InTomcatAndJetty
class ManySessionsIT extends Attacks {
  private static final int PER_ADDRESS = 100;

  /** Containers keep the buffers of closed connections for reuse. */
  private static final long LEFT_KIB = 16 * 1_024;

  private final List<Visitor> visitors = new ArrayList<>();
  private final long before;

  ManySessionsIT(Container container) {
    super(Victim.strict(container));
    before = victim.bridge().memory().heap();
  }

  @Test
  void thousandsFromOneAddress() {
    openSessions(2_000, "127.0.0.66");

    fill("127.0.0.66");
    assertThat(visitors).hasSize(PER_ADDRESS);
    // A client at another address is still admitted.
    Visitor neighbour = victim.visitor().from("127.0.0.67");
    assertThat(neighbour.poll("timeout=0").status()).isEqualTo(200);
    visitors.add(neighbour);
    assertThat(victim.bridge().memory().heap() - before).isLessThan(PER_ADDRESS * 128L + LEFT_KIB);
    end();
  }

  @Test
  void thousandsFromManyAddresses() {
    IntStream.range(1, 4).forEach(i -> openSessions(PER_ADDRESS, "127.0.1." + i));

    // These sessions have no listeners, so those of the network with the most sessions are evicted,
    // until that is the newcomer's own. The total never exceeds the limit, however many arrive at
    // once; it includes the bystander's session.
    fill("127.0.1.9");
    await().until(() -> cable.open() <= Victim.MAX_SESSIONS);
    // Sessions that have just been polled are kept for a moment.
    await()
        .until(
            () -> {
              Visitor newcomer = victim.visitor();
              boolean isIn = newcomer.poll("timeout=0").status() == 200;
              if (isIn) {
                visitors.add(newcomer);
              }
              return isIn;
            });
    await().until(() -> cable.open() <= Victim.MAX_SESSIONS);
    // Existing sessions continue, and can be resumed.
    assertThat(victim.bystander().visitor().postBody("[]").status()).isEqualTo(200);
    end();
  }

  /** Opens many at once, and remembers those that were admitted. */
  private void openSessions(int many, String address) {
    ExecutorService attackers = Executors.newFixedThreadPool(32);
    try {
      List<Visitor> callers =
          IntStream.range(0, many).mapToObj(i -> victim.visitor().from(address)).toList();
      List<Future<RawResponse>> answers =
          callers.stream().map(it -> attackers.submit(() -> it.poll("timeout=0"))).toList();
      for (int i = 0; i < many; i++) {
        remember(callers.get(i), get(answers.get(i)));
      }
    } finally {
      attackers.shutdown();
    }
  }

  /** A dial may have failed in the crowd: opens further ones one by one until there is no room. */
  private void fill(String address) {
    RawResponse answer;
    do {
      Visitor visitor = victim.visitor().from(address);
      answer = visitor.poll("timeout=0");
      remember(visitor, answer);
    } while (answer.status() == 200);
    assertRefused(answer, 503);
    assertThat(answer.header("retry-after")).isPresent();
  }

  private void remember(Visitor visitor, RawResponse answer) {
    if (answer.status() == 200) {
      visitors.add(visitor);
    } else {
      assertThat(answer.status()).isBetween(502, 504);
    }
  }

  private static RawResponse get(Future<RawResponse> answer) {
    try {
      return answer.get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** After their end there is room again, and their memory has been released. */
  private void end() {
    visitors.forEach(Visitor::delete);
    visitors.clear();
    await().atMost(Duration.ofSeconds(10)).until(() -> cable.open() == 1);
    Visitor next = victim.visitor();
    assertThat(next.poll("timeout=0").status()).isEqualTo(200);
    next.delete();
    assertThat(victim.bridge().memory().heap() - before).isLessThan(LEFT_KIB);
  }
}
