package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** JSON that is deep, wide, huge, ambiguous or invalid; protocol section 3. */
@InTomcatAndJetty
class HostileJsonIT extends Attacks {
  private static final Duration SOON = Duration.ofSeconds(5);

  /** The limit of a body, less room for the rest of a command. */
  private static final int ROOM = 65_000;

  private final Visitor visitor;
  private EventStream stream;

  HostileJsonIT(Container container) {
    super(Victim.usual(container));
    visitor = victim.visitor();
  }

  @BeforeEach
  void listen() {
    stream = visitor.listenTo(CableSession.ECHO);
  }

  /** The session still works after whatever was sent. */
  @AfterEach
  void theSessionGoesOn() {
    RawResponse answer = visitor.send(CableSession.ECHO, "{\"still\":\"there\"}");
    assertThat(answer.text()).doesNotContain("error");
    assertThat(stream.skipTo("received").json().getJsonObject("message").getString("still"))
        .isEqualTo("there");
    stream.close();
  }

  @Test
  void deepBodies() {
    assertThat(error(post("[".repeat(30_000) + "]".repeat(30_000)))).contains("nested");
    assertRefused(post("[".repeat(ROOM)), 400);
    assertRefused(post("[" + "{\"a\":".repeat(10_000)), 400);
  }

  @Test
  void deepIdentifiersAndData() {
    String deep = "{\"a\":" + "[".repeat(30_000) + "]".repeat(30_000) + "}";
    assertThat(error(visitor.subscribe(deep))).contains("nested");
    assertThat(error(visitor.send(CableSession.ECHO, deep))).contains("nested");
    String members = "{\"a\":".repeat(9_000) + "1" + "}".repeat(9_000);
    assertThat(error(visitor.subscribe(members))).contains("nested");
  }

  @Test
  void wideBodies() {
    assertRefused(post("[" + "1,".repeat(30_000) + "1]"), 413);
    assertRefused(post("[" + "{},".repeat(100) + "{}]"), 413);
  }

  @Test
  void wideIdentifiersAndData() {
    String wide =
        IntStream.range(0, 6_000)
            .mapToObj(i -> "\"" + i + "\":" + i % 10)
            .collect(Collectors.joining(",", "{\"channel\":\"Wide\",", "}"));
    assertThat(error(visitor.subscribe(wide))).isEmpty();
    stream.next("connected");
    assertThat(post("[{\"identifier\":" + wide + ",\"send\":{}}]").status()).isEqualTo(200);
    visitor.send(CableSession.ECHO, wide);
    assertThat(stream.next("received").json().getJsonObject("message")).hasSize(6_001);
  }

  @Test
  void namesWithTheSameHash() {
    // "Aa" and "BB" have the same hash in Java, and so have all words made of them.
    String colliding =
        IntStream.range(0, 2_048)
            .mapToObj(i -> "\"" + word(i) + "\":1")
            .collect(Collectors.joining(",", "{", "}"));
    long before = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      post("[{\"identifier\":" + colliding + ",\"send\":{}}]");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(SOON);
  }

  private static String word(int number) {
    return IntStream.range(0, 11)
        .mapToObj(bit -> (number >> bit & 1) == 0 ? "Aa" : "BB")
        .collect(Collectors.joining());
  }

  @Test
  void hugeNumbers() {
    String digits = "9".repeat(30_000);
    for (String number :
        List.of(digits, "-" + digits, "1e" + digits, "0." + digits, "1e-999999999")) {
      long before = System.nanoTime();
      visitor.send(CableSession.ECHO, "{\"n\":" + number + "}");
      // Verbatim: the number isn't parsed.
      assertThat(stream.next(SOON).data()).contains("{\"n\":" + number + "}");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(SOON);
    }
    for (String number : List.of("01", "+1", "1.", ".1", "0x1", "NaN", "Infinity", "1e", "--1")) {
      assertRefused(visitor.send(CableSession.ECHO, "{\"n\":" + number + "}"), 400);
    }
  }

  @Test
  void numbersWhereTheBridgeExpectsSmallOnes() {
    for (String number : List.of("99999999999999999999", "-1", "1e9", "0x10", "1.5", "%D9%A1")) {
      assertRefused(visitor.poll("timeout=" + number), 400);
      assertRefused(visitor.poll("poll-queue=" + number), 400);
      assertRefused(visitor.stream("ping=" + number).send(), 400);
    }
  }

  @Test
  void duplicateMembers() {
    String echo = CableSession.ECHO;
    String command =
        "[{\"identifier\":" + echo + ",\"identifier\":{\"channel\":\"Admin\"},\"subscribe\":true}]";
    assertThat(error(post(command))).contains("twice");
    assertThat(error(post("[{\"identifier\":" + echo + ",\"send\":{\"a\":1},\"s\\u0065nd\":{}}]")))
        .contains("twice");
    // Rails would use the last one, and a filter in between the first.
    assertThat(error(visitor.subscribe("{\"channel\":\"EchoChannel\",\"channel\":\"Admin\"}")))
        .contains("same name");
    assertThat(error(visitor.subscribe("{\"channel\":\"Echo\",\"a\":{\"b\":1,\"\\u0062\":2}}")))
        .contains("same name");
    assertThat(cable.commands("Admin")).isEmpty();
  }

  @Test
  void severalVerbsInOneCommand() {
    String both = "[{\"identifier\":" + CableSession.ECHO + ",\"subscribe\":true,\"send\":{}}]";
    assertThat(error(post(both))).contains("exactly one");
  }

  @Test
  void loneSurrogates() {
    for (String half : List.of("\\ud800", "\\udc00", "\\udc00\\ud800", "x\\ud83d", "\\ud83dx")) {
      visitor.send(CableSession.ECHO, "{\"s\":\"" + half + "\"}");
      // It is escaped in both directions, because UTF-8 can't encode it.
      StreamedEvent received = stream.next("received");
      assertThat(received.data()).contains("{\"s\":\"" + half + "\"}");
      assertThat(visitor.subscribe("{\"channel\":\"" + half + "\"}").status()).isEqualTo(200);
      assertThat(stream.next("connected").data()).contains("{\"channel\":\"" + half + "\"}");
    }
    String tunnel = "protocol=actioncable-v1-json";
    Visitor other = victim.visitor();
    try (EventStream opened = other.stream(tunnel).listen()) {
      assertThat(opened.next().name()).isEqualTo("opened");
      assertRefused(other.request("POST", tunnel).body("[\"\\ud800\"]").send(), 400);
    }
  }

  @Test
  void badUtf8() {
    for (int[] bad :
        new int[][] {
          {0xFF},
          {0xC0, 0x80},
          {0xC3},
          {0xED, 0xA0, 0x80},
          {0xF5, 0x80, 0x80, 0x80},
          {0x80},
          {0xFE, 0xFF}
        }) {
      assertRefused(visitor.request("POST", "").body(withBytes(bad)).send(), 400);
    }
    byte[] utf16 = "[]".getBytes(StandardCharsets.UTF_16);
    assertRefused(visitor.request("POST", "").body(utf16).send(), 400);
    // A byte order mark isn't JSON.
    assertRefused(post("\uFEFF[]"), 400);
  }

  private static byte[] withBytes(int[] bad) {
    StringBuilder body = new StringBuilder("[{\"identifier\":{\"channel\":\"");
    for (int b : bad) {
      body.append((char) b);
    }
    body.append("\"},\"subscribe\":true}]");
    return body.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void whatIsNoJson() {
    for (String body :
        List.of(
            "null",
            "{}",
            "1",
            "\"\"",
            "[",
            "]",
            "[]]",
            "[] []",
            "[,]",
            "[1,]",
            "{\"a\"",
            "[\"\\x\"]",
            "[\"\\u12\"]",
            "['a']",
            "[/**/]",
            "[tru]",
            "[\"a\nb\"]",
            "\0",
            "[]\0",
            "<x/>")) {
      assertRefused(post(body), 400);
    }
  }

  @Test
  void hugeIdentifiersInAHundredSubscriptions() {
    // Without its own limit a session would hold twice 100 times 64 KiB, outside of any budget.
    long before = victim.bridge().memory().heap();
    Visitor[] hoarders = new Visitor[3];
    String padding = "x".repeat(60_000);
    for (int i = 0; i < hoarders.length; i++) {
      hoarders[i] = victim.visitor();
      hoarders[i].poll("timeout=0");
      for (int j = 0; j < 100; j++) {
        hoarders[i].subscribe(
            "{\"channel\":\"NeverChannel\",\"n\":" + j + ",\"x\":\"" + padding + "\"}");
      }
    }
    assertThat(victim.bridge().memory().heap() - before).isLessThan(hoarders.length * 2_048L);
    for (Visitor hoarder : hoarders) {
      hoarder.delete();
    }
  }

  private RawResponse post(String body) {
    return visitor.postBody(body);
  }

  /** The error of the only command. */
  private static String error(RawResponse answer) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return answer.jsonArray().getJsonObject(0).getString("error", "");
  }
}
