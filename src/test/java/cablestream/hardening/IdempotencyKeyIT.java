package cablestream.hardening;

import static cablestream.hardening.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Thousands of idempotency keys, of which a session remembers 64; protocol section 7. */
@InTomcatAndJetty
class IdempotencyKeyIT extends Attacks {
  private static final int MAX = 64;

  private final Visitor visitor;

  IdempotencyKeyIT(Container container) {
    super(Victim.usual(container));
    visitor = victim.visitor();
  }

  @Test
  void thousandsOfKeys() {
    try (EventStream stream = visitor.listenTo(CableSession.ECHO)) {
      long before = victim.bridge().memory().heap();
      String body = send("{\"many\":\"" + visitor.id() + "\"}");
      for (int i = 0; i < 2_000; i++) {
        assertThat(post("key-" + i + "x".repeat(100), body).status()).isEqualTo(200);
        stream.next("received");
      }
      // The session's log may also be full.
      assertThat(victim.bridge().memory().heap() - before).isLessThan(2_048);
      // The last 64 are known, and their commands aren't executed again; older ones are forgotten.
      post("key-1999" + "x".repeat(100), body);
      post("key-1936" + "x".repeat(100), body);
      post("key-1935" + "x".repeat(100), body);
      stream.next("received"); // by then the cable has received all earlier commands
      assertThat(cable.commands(visitor.id())).hasSize(2_001);
    }
  }

  @Test
  void keysOfCommandsThatAreNeverOver() throws IOException {
    try (EventStream stream = visitor.listenTo(CableSession.ECHO)) {
      visitor.subscribe(CableSession.NEVER);
      String held = "[{\"identifier\":" + CableSession.NEVER + ",\"send\":{}}]";
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < MAX; i++) {
        sockets.add(request("held-" + i, held).open());
      }
      // A further key can't be remembered, so its command isn't executed.
      await().untilAsserted(() -> assertRefused(post("one-more", held), 429));
      assertRefused(post("held-0", held), 409);
      for (Socket socket : sockets) {
        socket.close();
      }
      // Commands without a key are still executed.
      visitor.send(CableSession.ECHO, "{\"a\":1}");
      stream.next("received");
    } finally {
      visitor.delete();
    }
  }

  @Test
  void keysThatAreNone() {
    visitor.poll("timeout=0");
    assertRefused(post("", "[]"), 400);
    assertRefused(post("x".repeat(129), "[]"), 400);
    assertRefused(request("a", "[]").header("Idempotency-Key", "b".repeat(128)).send(), 400);
  }

  @Test
  void anotherSessionsKey() {
    Visitor other = victim.visitor();
    try (EventStream stream = visitor.listenTo(CableSession.ECHO);
        EventStream others = other.listenTo(CableSession.ECHO)) {
      post("shared", send("{\"mine\":1}"));
      stream.next("received");
      RawResponse answer =
          other
              .request("POST", "")
              .header("Idempotency-Key", "shared")
              .body(send("{\"x\":2}"))
              .send();
      // There it is another key: it causes neither a stored response nor a conflict.
      assertThat(answer.status()).isEqualTo(200);
      assertThat(others.next("received").data()).contains("{\"x\":2}");
    }
  }

  private static String send(String data) {
    return "[{\"identifier\":" + CableSession.ECHO + ",\"send\":" + data + "}]";
  }

  private RawRequest request(String key, String body) {
    return visitor.request("POST", "").header("Idempotency-Key", key).body(body);
  }

  private RawResponse post(String key, String body) {
    return request(key, body).send();
  }
}
