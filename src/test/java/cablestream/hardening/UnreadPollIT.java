package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.containers.StandaloneBridge.Listening;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Repeated polls for a long history whose responses are never read, to {@code java -jar} with 96
 * MiB of heap.
 */
@Timeout(180)
class UnreadPollIT {
  private static final int POLLS = 1_300;
  private static final int HISTORY = 30;
  private static final String CHANNEL = CableSession.ECHO;
  private static final Pattern HELD =
      Pattern.compile("cablestream_account_bytes\\{kind=\"answer\"} (\\S+)");

  private final CableServer cable = new CableServer();
  private final String id = "0123456789abcdef0123456789";
  private Listening listening;

  @Test
  void theirAnswersStayWithinTheirBoundAndNoEventIsLost() throws Exception {
    List<String> command =
        List.of(
            StandaloneBridge.java(),
            "-Xmx96m",
            StandaloneBridge.EXITS,
            "-Djava.io.tmpdir=.",
            "-Dcablestream.cable.url=" + cable.url(),
            "-Dcablestream.http.port=0",
            "-Dcablestream.operator.token=" + Bridge.OPERATOR_TOKEN,
            "-Dcablestream.warm-up=0s",
            "-jar",
            Bridge.WAR.toAbsolutePath().toString());
    List<Socket> unread = new ArrayList<>();
    try (StandaloneBridge bridge = StandaloneBridge.run(Map.of(), command)) {
      listening = bridge.awaitListening();
      fillHistory();
      for (int i = 0; i < POLLS; i++) {
        unread.add(ofCaller("GET", "?last-event-id=0&poll-queue=1000").receiveBuffer(4_096).open());
        if (i % 100 == 0) {
          assertAlive();
        }
      }
      assertAlive();
      assertThat(held()).isLessThan(16 << 20);
      for (Socket socket : unread) {
        socket.close();
      }
      assertThat(readAll()).as("events of the history").isGreaterThanOrEqualTo(HISTORY);
      assertThat(bridge.process().log()).doesNotContain("OutOfMemoryError");
    } finally {
      for (Socket socket : unread) {
        socket.close();
      }
    }
  }

  /** 300 KB of a channel's messages. */
  private void fillHistory() {
    assertThat(ofCaller("GET", "?timeout=0").send().status()).isEqualTo(200);
    assertThat(post("{\"identifier\":" + CHANNEL + ",\"subscribe\":true}")).isEqualTo(200);
    for (int i = 0; i < HISTORY; i++) {
      String text = "x".repeat(10_000);
      assertThat(post("{\"identifier\":" + CHANNEL + ",\"send\":{\"text\":\"" + text + "\"}}"))
          .isEqualTo(200);
    }
    // The last message may still be on its way.
    await().until(() -> readAll() >= HISTORY);
  }

  /** Reads as a client does, from the beginning, and returns the number of messages. */
  private int readAll() {
    int events = 0;
    String cursor = "0";
    for (int idle = 0; idle < 20; ) {
      RawResponse answer =
          ofCaller("GET", "?timeout=1&poll-queue=1000&last-event-id=" + cursor).send();
      List<String> ids = new ArrayList<>();
      if (answer.status() == 200) {
        Matcher matcher =
            Pattern.compile(
                    "\"type\":\"received\".*?\"msg_id\":\"([^\"]+)\"|\"msg_id\":\"([^\"]+)\"")
                .matcher(answer.text());
        while (matcher.find()) {
          ids.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        events += answer.text().split("\"type\":\"received\"", -1).length - 1;
      }
      if (ids.isEmpty()) {
        if (answer.status() == 200 && answer.text().contains("\"queue_length\":0")) {
          return events;
        }
        idle++;
      } else {
        cursor = ids.get(ids.size() - 1);
        if (answer.text().contains("\"queue_length\":0")) {
          return events;
        }
      }
    }
    return events;
  }

  private void assertAlive() {
    long before = System.nanoTime();
    assertThat(listening.request("GET", "/-/health").send().status()).isEqualTo(200);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
  }

  private long held() {
    String metrics =
        listening
            .request("GET", "/-/metrics")
            .header("Authorization", "Bearer " + Bridge.OPERATOR_TOKEN)
            .send()
            .text();
    Matcher matcher = HELD.matcher(metrics);
    assertThat(matcher.find()).as(metrics).isTrue();
    return (long) Double.parseDouble(matcher.group(1));
  }

  private int post(String command) {
    return ofCaller("POST", "").body("[" + command + "]").send().status();
  }

  private RawRequest ofCaller(String method, String query) {
    return listening
        .request(method, "/" + id + query)
        .header("Origin", "http://127.0.0.1:" + listening.port())
        .header("Cookie", "user=caller");
  }
}
