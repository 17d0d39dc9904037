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
import java.util.Arrays;
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
 * The account reserves for a session with its cable, and for a listener with its container's
 * objects, what they occupy on a real heap, up to four tenths more, because Tomcat's occupy a fifth
 * less than Jetty's, and those of Java 17 less than those of 25. {@code SessionWeightsTest}
 * measures the parts that need no socket.
 */
@InTomcatAndJetty
class WeightsIT {
  /** Other changes of the heap, about 300 KB, are negligible beside this many. */
  private static final int SESSIONS = 800;

  /** More than these, with Tomcat's 100 KiB each, don't fit. */
  private static final int STREAMS = 400;

  /** In Tomcat, more would exceed one session's fair part of the account. */
  private static final int POSTS_OF_A_SESSION = 10;

  /** Also 100 KiB each, and their part of the account is smaller. */
  private static final int POSTS_IN_TOMCAT = 100;

  /** The first ones create the container's and the bridge's classes, threads and pools. */
  private static final int FIRST = 20;

  /** Their median counts: Tomcat drops files that it had cached once, some 450 KB. */
  private static final int PARTS = 3;

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
            // As in the sample; otherwise each connection keeps 100 KiB of header lines.
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
            isTomcat ? STREAMS : SESSIONS, // more of them would be evicted for one another
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

  /**
   * A session reserves memory for its first POST when it is created, and releases it with that
   * POST.
   */
  private static void post(Visitor visitor) {
    assertThat(visitor.postBody("[]").status()).isEqualTo(200);
  }

  /** It isn't confirmed, so the second command and its response wait. */
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

  /** Hardly less than it occupies, and not much more, which it needs while it is written to. */
  static void assertFits(long charged, long taken) {
    assertThat(charged).isBetween(taken * 9 / 10, taken * 14 / 10);
  }

  /** Bytes of the heap that each further one occupies, and the reserved bytes by kind. */
  private record Weighed(long taken, Map<String, Long> byKind) {
    long charged(String kind) {
      return byKind.get(kind);
    }

    long charged() {
      return byKind.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * @param kind of reservation that each has
   */
  private Weighed weigh(int many, Runnable one, String kind) {
    add(FIRST, one, kind);
    Map<String, Long> chargedBefore = charged();
    int part = many / PARTS;
    long[] taken = new long[PARTS];
    for (int i = 0; i < PARTS; i++) {
      long before = used();
      add(part, one, kind);
      taken[i] = (used() - before) / part;
    }
    Arrays.sort(taken);
    Map<String, Long> byKind = charged();
    byKind.replaceAll((each, bytes) -> (bytes - chargedBefore.get(each)) / (part * PARTS));
    return new Weighed(taken[PARTS / 2], byKind);
  }

  /** Waits until all are reserved, because those that wait don't respond. */
  private void add(int many, Runnable one, String kind) {
    long before = charged().get(kind);
    one.run();
    await().until(() -> charged().get(kind) > before);
    // The first may include shared objects: a session's reservation for its POST, a network's
    // entry.
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

  /** The reserved bytes when no operation is pending. */
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
    return min(() -> bridge.memory().heap() * 1_024);
  }

  /**
   * The minimum of several readings of a heap, any of which may include objects about to be
   * released.
   */
  static long min(LongSupplier heap) {
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
