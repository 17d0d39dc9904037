package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.support.containers.Container;
import cablestream.support.containers.InTomcatAndJetty;
import cablestream.support.wire.Visitor;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Listeners that never read, while their server sends as fast as it can. */
@InTomcatAndJetty
class UnreadListenerIT extends Attacks {
  private static final int SESSIONS = 10;

  /** A history and a backlog of 512 KiB each, and the rest of a session. */
  private static final long MAX_KIB = 2 * 512 + 256;

  private static final long LEFT_KIB = 8 * 1_024;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final AtomicLong sent = new AtomicLong();

  UnreadListenerIT(Container container) {
    super(Victim.strict(container));
    cable.attack(
        "flood",
        peer -> {
          CableSession session = new CableSession(peer);
          session.greet();
          session.obeyOnce();
          String message = "\"" + "x".repeat(10_000) + "\"";
          while (true) {
            session.message(CableSession.ECHO, message);
            sent.addAndGet(message.length());
          }
        });
  }

  @Test
  void streamsThatAreNeverRead() throws IOException {
    long before = victim.bridge().memory().heap();
    List<Visitor> visitors = new ArrayList<>();
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      Visitor visitor = victim.attackedBy("flood");
      visitors.add(visitor);
      sockets.add(visitor.stream("").receiveBuffer(8 * 1_024).open());
      await().until(() -> visitor.subscribe(CableSession.ECHO).status() == 200);
    }
    // A listener that isn't read is no longer written to, and the pressure reaches the server.
    await().atMost(PATIENCE).until(this::isAtAStandstill);
    assertThat(victim.bridge().memory().heap() - before).isLessThan(SESSIONS * MAX_KIB);
    // It is cut off after the setting stall-sole, 2 s here.
    await().atMost(PATIENCE).until(() -> victim.bridge().log().contains("event=listener_stalled"));
    visitors.forEach(Visitor::delete);
    for (Socket socket : sockets) {
      socket.close();
    }
    await().atMost(PATIENCE).until(() -> victim.bridge().memory().heap() - before < LEFT_KIB);
  }

  private boolean isAtAStandstill() throws InterruptedException {
    long then = sent.get();
    Thread.sleep(300);
    return sent.get() == then;
  }

  @Test
  void aPollThatIsNeverRead() throws IOException {
    Visitor visitor = victim.attackedBy("flood");
    visitor.poll("timeout=0");
    visitor.subscribe(CableSession.ECHO);
    List<Socket> sockets = new ArrayList<>();
    long before = victim.bridge().memory().heap();
    for (int i = 0; i < 200; i++) {
      sockets.add(
          visitor.request("GET", "poll-queue=1000&timeout=1").receiveBuffer(8 * 1_024).open());
    }
    // A response holds at most a full log of events, and all responses share their bytes.
    assertThat(victim.bridge().memory().heap() - before).isLessThan(200 * 1_024);
    victim.bystander().hasNoticedNothing();
    for (Socket socket : sockets) {
      socket.close();
    }
    visitor.delete();
  }

  @Test
  void aStreamThatReplacesItselfAndIsNeverRead() throws IOException {
    Visitor visitor = victim.attackedBy("flood");
    List<Socket> sockets = new ArrayList<>();
    sockets.add(visitor.stream("").receiveBuffer(8 * 1_024).open());
    await().until(() -> visitor.subscribe(CableSession.ECHO).status() == 200);
    long before = victim.bridge().memory().heap();
    for (int i = 0; i < 200; i++) {
      sockets.add(visitor.stream("last-event-id=0").receiveBuffer(8 * 1_024).open());
    }
    assertThat(victim.bridge().memory().heap() - before).isLessThan(32 * 1_024);
    for (Socket socket : sockets) {
      socket.close();
    }
    visitor.delete();
  }
}
