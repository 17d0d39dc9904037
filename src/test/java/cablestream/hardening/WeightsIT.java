package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a session is charged for its cable, and a listener for what its container keeps for it, is
 * what they take of the heap of a real one, and up to four tenths more, as Tomcat's take a fifth
 * less than Jetty's, and those of Java 17 less than those of 25. The parts that need no socket are
 * weighed by {@code SessionWeightsTest}.
 */
@InTomcatAndJetty
class WeightsIT {
  /** What else a heap has more or less of, some 300 KB, is little of so many. */
  private static final int SESSIONS = 800;

  /** Of Tomcat's, of 100 KiB each, no more fit. */
  private static final int STREAMS = 400;

  /** More would be more than one's fair part of the account, in Tomcat. */
  private static final int POSTS_OF_A_SESSION = 10;

  /** Of 100 KiB each, too; and their part of the account is smaller. */
  private static final int POSTS_IN_TOMCAT = 100;

  /** They make the container's and the bridge's classes, threads and pools. */
  private static final int FIRST = 20;

  private static final Pattern CHARGED =
      Pattern.compile("(?m)^cablestream_account_bytes\\{kind=\"(\\w+)\"} (\\S+)$");

  private final CableServer cable = CableServer.forgetful();
  private final Bridge bridge;
  private final boolean isTomcat;
  private final Deque<Socket> listening = new ArrayDeque<>();

  WeightsIT(Container container) {
    isTomcat = container.isTomcat();
    bridge =
        Bridge.in(container)
            // As in the sample: else each connection keeps 100 KiB of header lines.
            .option("-Djetty.httpConfig.headerCacheSize=0")
            .setting("cable.url", cable.url().toString())
            .setting("listeners", "many")
            .setting("max-listeners", "1000")
            .setting("max-sessions-per-address", "2000")
            .setting("linger", "10m")
            .setting("confirm", "60s")
            .start();
  }

  @AfterEach
  void end() throws IOException {
    for (Socket socket : listening) {
      socket.close();
    }
    bridge.close();
    cable.close();
  }

  @Test
  void aSessionWithItsCable() {
    Weighed each =
        weigh(
            isTomcat ? STREAMS : SESSIONS, // more would make room for one another
            () -> assertThat(visitor().poll("timeout=0").status()).isEqualTo(200),
            "session");

    assertFits(each.charged("session") + each.charged("headers"), each.taken());
  }

  @Test
  void aStream() {
    Visitor one = visitor();
    Weighed each = weigh(STREAMS, () -> listen(one), "listener");

    assertFits(each.charged("listener"), each.taken());
  }

  @Test
  void aSessionThatListens() {
    Weighed each =
        weigh(
            STREAMS,
            () -> {
              Visitor visitor = visitor();
              listen(visitor);
              post(visitor);
            },
            "session");

    assertFits(each.charged(), each.taken());
  }

  @Test
  void aPollThatWaits() {
    Weighed each =
        weigh(
            STREAMS,
            () -> {
              Visitor visitor = visitor();
              assertThat(visitor.poll("timeout=0").status()).isEqualTo(200);
              post(visitor);
              open(visitor.request("GET", "timeout=60").header("Accept", "application/json"));
            },
            "listener");

    assertFits(each.charged(), each.taken());
  }

  @Test
  void aPostThatWaitsForItsOutcome() {
    int many = isTomcat ? POSTS_IN_TOMCAT : STREAMS;
    List<Visitor> visitors = new ArrayList<>();
    for (int i = 0; i < many + FIRST; i++) {
      visitors.add(i % POSTS_OF_A_SESSION == 0 ? visitor() : visitors.get(i - 1));
    }
    for (int i = 0; i < visitors.size(); i += POSTS_OF_A_SESSION) {
      assertThat(visitors.get(i).poll("timeout=0").status()).isEqualTo(200);
      post(visitors.get(i));
    }
    Iterator<Visitor> next = visitors.iterator();
    Weighed each = weigh(many, () -> open(subscribeAndSend(next.next())), "command");

    assertFits(each.charged("command") + each.charged("listener"), each.taken());
  }

  /** A session has room for its first POST from its first moment on, and gives it back then. */
  private static void post(Visitor visitor) {
    assertThat(visitor.postBody("[]").status()).isEqualTo(200);
  }

  /** Is not confirmed, so the second command waits, and its answer with it. */
  private static RawRequest subscribeAndSend(Visitor visitor) {
    return visitor
        .request("POST", "")
        .header("Content-Type", "text/plain")
        .body(
            "[{\"identifier\":"
                + CableSession.NEVER
                + ",\"subscribe\":true},{\"identifier\":"
                + CableSession.NEVER
                + ",\"send\":{}}]");
  }

  /** Hardly less than it takes; and not much more, for what it takes while it is written to. */
  static void assertFits(long charged, long taken) {
    assertThat(charged).isBetween(taken * 9 / 10, taken * 14 / 10);
  }

  /** Bytes of the heap that one more takes, and what it is charged by kind. */
  private record Weighed(long taken, Map<String, Long> byKind) {
    long charged(String kind) {
      return byKind.get(kind);
    }

    long charged() {
      return byKind.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * @param kind what each is charged as one of
   */
  private Weighed weigh(int many, Runnable one, String kind) {
    add(FIRST, one, kind);
    Map<String, Long> chargedBefore = charged();
    long before = used();
    add(many, one, kind);
    long after = used();
    Map<String, Long> byKind = charged();
    byKind.replaceAll((each, bytes) -> (bytes - chargedBefore.get(each)) / many);
    return new Weighed((after - before) / many, byKind);
  }

  /** Until all are charged, as what waits says nothing. */
  private void add(int many, Runnable one, String kind) {
    long before = charged().get(kind);
    one.run();
    await().until(() -> charged().get(kind) > before);
    // The first may bring what the others share: a session's room for its POST, a network's entry.
    long first = settled(kind);
    one.run();
    await().until(() -> charged().get(kind) > first);
    long each = settled(kind) - first;
    for (int i = 2; i < many; i++) {
      one.run();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> charged().get(kind) >= first + (many - 1) * each);
    settled(kind);
  }

  /** What is charged when nothing is on its way any more. */
  private long settled(String kind) {
    long[] latest = {-1};
    await()
        .until(
            () -> {
              long earlier = latest[0];
              latest[0] = charged().get(kind);
              return latest[0] == earlier;
            });
    return latest[0];
  }

  private Map<String, Long> charged() {
    Map<String, Long> byKind = new LinkedHashMap<>();
    CHARGED
        .matcher(bridge.operate("GET", "/-/metrics").send().text())
        .results()
        .forEach(it -> byKind.put(it.group(1), (long) Double.parseDouble(it.group(2))));
    return byKind;
  }

  private long used() {
    return least(() -> bridge.memory().heap() * 1_024);
  }

  /** Of several readings of a heap, of which any may have something that is on its way out. */
  static long least(LongSupplier heap) {
    return LongStream.generate(heap).limit(4).min().orElseThrow();
  }

  private Visitor visitor() {
    return bridge.visitor();
  }

  private void listen(Visitor visitor) {
    awaitIn(open(visitor.stream("")), "\"joined\"");
  }

  static void awaitIn(InputStream answer, String text) {
    StringBuilder heard = new StringBuilder();
    while (heard.indexOf(text) < 0) {
      heard.append(next(answer, heard));
    }
  }

  private InputStream open(RawRequest request) {
    try {
      Socket socket = request.open();
      listening.add(socket);
      return socket.getInputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String next(InputStream answer, CharSequence heard) {
    byte[] bytes = new byte[1_024];
    try {
      int count = answer.read(bytes);
      assertThat(count).as("more after <%s>", heard).isPositive();
      return new String(bytes, 0, count, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
