package cablestream.standalone;

import static cablestream.support.containers.StandaloneBridge.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.FreePort;
import cablestream.support.InProcessActionCable;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.StreamedEvent;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A single bridge is upgraded as the documentation describes, with plain EventSources, for which
 * any response other than 200 is final (HTML, 9.2.3).
 */
class RestartIT {
  private static final int BROWSERS = 30;

  private final InProcessActionCable rails = InProcessActionCable.start();
  private final int port = FreePort.find();
  private StandaloneBridge bridge = start();
  private final List<Browser> browsers = Stream.generate(Browser::new).limit(BROWSERS).toList();

  @AfterEach
  void stop() {
    browsers.forEach(Browser::leave);
    bridge.close();
    rails.close();
  }

  @Test
  void nobodyIsStrandedByADrainAndThenARestart() {
    allJoin(1);
    assertThat(
            request("POST", "/-/drain")
                .header("Authorization", "Bearer " + Bridge.OPERATOR_TOKEN)
                .send()
                .status())
        .isEqualTo(200);
    // Each reconnects to the drained bridge before that is stopped.
    await()
        .atMost(PATIENCE)
        .until(() -> browsers.stream().allMatch(each -> each.answers.get() > 2));
    restart();
    allJoin(2);
  }

  @Test
  void nobodyIsStrandedBySigtermAndARestart() {
    allJoin(1);
    restart();
    allJoin(2);
  }

  private void allJoin(int times) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(browsers).extracting(each -> each.stranded).containsOnlyNulls();
              assertThat(browsers).allMatch(each -> each.joined.get() == times);
            });
  }

  private void restart() {
    bridge.process().terminate();
    assertThat(bridge.process().awaitExit(PATIENCE)).isEqualTo(143);
    bridge = start();
  }

  private StandaloneBridge start() {
    StandaloneBridge started =
        StandaloneBridge.start(
            Map.of(
                "cable.url",
                rails.url().toString(),
                "http.port",
                "" + port,
                "operator.token",
                Bridge.OPERATOR_TOKEN));
    started.awaitListening();
    return started;
  }

  private RawRequest request(String method, String target) {
    return RawRequest.of(method, port, "/cable-events" + target);
  }

  /** Does nothing but {@code new EventSource(url)}. */
  private final class Browser {
    private final String id = "/" + UUID.randomUUID();
    private final CountDownLatch over = new CountDownLatch(1);
    private long retryMillis = 3_000;

    private final AtomicInteger joined = new AtomicInteger();
    private final AtomicInteger answers = new AtomicInteger();

    /** The response that isn't an event stream; null if there was none. */
    private volatile String stranded;

    Browser() {
      Thread thread = new Thread(this::live, "browser");
      thread.setDaemon(true);
      thread.start();
    }

    void leave() {
      over.countDown();
    }

    private void live() {
      try {
        do {
          sessionRequest();
        } while (stranded == null && !over.await(retryMillis, TimeUnit.MILLISECONDS));
      } catch (InterruptedException e) {
        stranded = e.toString();
      }
    }

    private void sessionRequest() {
      try (EventStream stream =
          request("GET", id)
              .header("Accept", "text/event-stream")
              .header("Origin", "http://127.0.0.1:" + port)
              .listen()) {
        answers.incrementAndGet();
        for (StreamedEvent event = stream.nextUnlessOver();
            event != null;
            event = stream.nextUnlessOver()) {
          if (event.data().contains("\"type\":\"joined\"")) {
            joined.incrementAndGet();
          }
        }
        retryMillis = stream.retry() == null ? retryMillis : Long.parseLong(stream.retry());
      } catch (UncheckedIOException e) {
        // A network error, after which an EventSource reconnects by itself.
      } catch (AssertionError e) {
        stranded = e.getMessage();
      }
    }
  }
}
