package cablestream.cable.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.cable.Cable;
import cablestream.cable.CableDialer;
import cablestream.cable.CableEnding;
import cablestream.cable.CableEnding.Kind;
import cablestream.cable.CableFrame;
import cablestream.cable.CablePaths;
import cablestream.cable.CableSettings;
import cablestream.cable.DialRequest;
import cablestream.cable.ReconnectPolicy;
import cablestream.cable.RecordingOwner;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.TimerWheel;
import cablestream.memory.Account;
import cablestream.support.CableServerConnection;
import cablestream.support.InProcessActionCable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Complete cables over real sockets and in real time, with a server that behaves as Rails does. */
@Timeout(60)
class JettyCableDialerIT {
  private static final DialRequest REQUEST =
      new DialRequest(List.of(), "token=x", DialRequest.PROTOCOLS);
  private static final String CHAT = "{\"channel\":\"ChatChannel\",\"room\":\"<1>\"}";
  private static final String SUBSCRIBE =
      "{\"command\":\"subscribe\",\"identifier\":\"{\\\"channel\\\":\\\"ChatChannel\\\",\\\"room\\\":\\\"<1>\\\"}\"}";

  private final InProcessActionCable rails = InProcessActionCable.start();
  private final TimerWheel timers = new TimerWheel();
  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private final CableSettings settings =
      new CableSettings(
          rails.url(),
          CablePaths.NONE,
          16 << 20,
          new CableSettings.Timeouts(
              Duration.ofSeconds(2),
              // None of the first dials may time out, however busy the machine is.
              Duration.ofSeconds(4),
              Duration.ofSeconds(6)),
          new ReconnectPolicy(Duration.ofMillis(100), Duration.ofMillis(800)),
          new CableSettings.Dialling(16, 1_024, Duration.ofSeconds(10)));
  private final JettyCableDialer sockets = new JettyCableDialer(settings, timers, Account.ofHeap());
  private final CableDialer dialer = new CableDialer(settings, sockets, timers);

  @AfterEach
  void close() {
    sockets.close();
    timers.close();
    pool.shutdownNow();
    rails.close();
  }

  @Test
  void aSubscriptionAndItsMessagesComeThrough() {
    Session session = new Session(false).open();
    assertThat(session.next()).isEqualTo("welcomed");
    CableServerConnection seen = rails.awaitConnection();
    assertThat(seen.query()).isEqualTo("token=x");
    session.send(SUBSCRIBE);
    assertThat(session.next()).isEqualTo("confirmed " + CHAT);
    rails.broadcast(CHAT, "{\"n\": 12345678901234567890.50}");
    assertThat(session.next()).isEqualTo("received " + CHAT + " {\"n\": 12345678901234567890.50}");
  }

  @Test
  void aRejectionComesThrough() {
    rails.rejectsSubscriptions();
    Session session = new Session(false).open();
    assertThat(session.next()).isEqualTo("welcomed");
    session.send(SUBSCRIBE);
    assertThat(session.next()).isEqualTo("rejected " + CHAT);
  }

  @Test
  void refusalsEndTheFirstDial() {
    rails.authorizesNobody();
    assertThat(new Session(false).open().next()).isEqualTo("ended UNAUTHORIZED");
    rails.refusesWith(403);
    assertThat(new Session(false).open().next()).isEqualTo("ended UNAUTHORIZED");
    rails.refusesWith(404);
    assertThat(new Session(false).open().next()).isEqualTo("ended REFUSED");
    rails.redirectsTo("https://127.0.0.1/cable");
    assertThat(new Session(false).open().next()).isEqualTo("ended REFUSED");
    rails.saysNothing();
    assertThat(new Session(false).open().next()).isEqualTo("ended NO_WELCOME");
    rails.goesDown();
    assertThat(new Session(false).open().next()).isEqualTo("ended UNREACHABLE");
  }

  @Test
  void aCableComesBackWhenItsServerRestarts() {
    Session session = new Session(false).open();
    assertThat(session.next()).isEqualTo("welcomed");
    rails.restarts();
    assertThat(session.next()).isEqualTo("dropped server_restart");
    assertThat(session.next()).isEqualTo("welcomed");
  }

  @Test
  void aCableComesBackWhenItsServerWasAway() {
    Session session = new Session(false).open();
    assertThat(session.next()).isEqualTo("welcomed");
    rails.goesDown();
    assertThat(session.next()).isEqualTo("dropped lost");
    rails.comesBack();
    assertThat(session.next()).isEqualTo("welcomed");
    session.send(SUBSCRIBE);
    assertThat(session.next()).isEqualTo("confirmed " + CHAT);
  }

  @Test
  void aCableThatFallsSilentIsDialledAgain() {
    Session session = new Session(false).open();
    assertThat(session.next()).isEqualTo("welcomed");
    rails.sendsNoPings();
    assertThat(session.next()).isEqualTo("dropped stale");
    assertThat(session.next()).isEqualTo("welcomed");
    assertThat(rails.awaitConnection().awaitClose().code()).isEqualTo(1000);
  }

  @Test
  void aStormOfSessionsIsWelcomedBackAFewAtATime() {
    List<Session> sessions = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      sessions.add(new Session(false).open());
    }
    sessions.forEach(session -> assertThat(session.next()).isEqualTo("welcomed"));
    rails.goesDown();
    sessions.forEach(session -> assertThat(session.next()).isEqualTo("dropped lost"));
    rails.comesBack();
    sessions.forEach(session -> assertThat(session.next()).isEqualTo("welcomed"));
    await().until(() -> rails.openConnections() == 300);
    sessions.forEach(Session::close);
    await().until(() -> rails.openConnections() == 0);
  }

  @Test
  void aSessionThatEndsSaysSoToTheServerWithinAMoment() {
    Session session = new Session(false).open();
    assertThat(session.next()).isEqualTo("welcomed");
    session.send("{\"command\":\"unsubscribe\",\"identifier\":\"{}\"}");
    session.close();
    CableServerConnection seen = rails.awaitConnection();
    assertThat(seen.awaitClose()).isEqualTo(new CableServerConnection.Close(1000, "done"));
    assertThat(seen.frames()).hasSize(1);
  }

  @Test
  void aTunnelCarriesFramesBothWaysAndTheClose() {
    Session session = new Session(true).open();
    assertThat(session.next()).isEqualTo("welcomed");
    assertThat(session.next()).isEqualTo("frame {\"type\":\"welcome\"}");
    session.send(SUBSCRIBE);
    assertThat(session.next()).startsWith("frame {\"identifier\":");
    rails.awaitConnection().close(4002, "enough");
    assertThat(session.next()).isEqualTo("ended CLOSED 4002 enough");
  }

  @Test
  void aTunnelEndsWhenTheServerChoosesNoSubprotocol() {
    rails.chooses(null);
    assertThat(new Session(true).open().next()).startsWith("ended CLOSED 1002");
  }

  @Test
  void aFrameGoesFromTheSocketToTheSessionWithoutAHop() {
    Session session = new Session(false).open();
    assertThat(session.next()).isEqualTo("welcomed");
    session.send(SUBSCRIBE);
    assertThat(session.next()).startsWith("confirmed");
    rails.broadcast(CHAT, "1");
    assertThat(session.next()).startsWith("received");
    assertThat(session.thread).startsWith("cablestream-cable-");
  }

  /** Stands in for a session: it always has demand, and records its callbacks as lines. */
  private final class Session extends RecordingOwner {
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final Cable cable;
    volatile String thread;

    Session(boolean tunnel) {
      super(new Mailbox(pool));
      cable = dialer.cable(this, mailbox, tunnel ? Cable.Reader.CLIENT : Cable.Reader.BRIDGE);
    }

    Session open() {
      mailbox.run(() -> cable.open(REQUEST, "192.0.2.1"));
      return this;
    }

    void send(String frame) {
      Consumer<String> done = why -> assertThat(why).isNull();
      mailbox.run(() -> cable.send(frame, done));
    }

    void close() {
      mailbox.run(() -> cable.close(1000, "done"));
    }

    String next() {
      try {
        String line = told.poll(20, TimeUnit.SECONDS);
        return line == null ? "nothing" : line;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void frame(CableFrame frame) {
      if (frame.type() == CableFrame.Type.OPAQUE
          && new String(frame.text(), StandardCharsets.UTF_8).contains("\"ping\"")) {
        cable.demand();
      } else {
        super.frame(frame);
      }
    }

    @Override
    public void ended(CableEnding ending) {
      boolean closed = ending.kind() == Kind.CLOSED;
      hear(
          "ended "
              + ending.kind()
              + (closed ? " " + ending.closeCode() + " " + ending.closeReason() : ""));
    }

    @Override
    protected void hear(String line) {
      super.hear(line);
      thread = Thread.currentThread().getName();
      told.add(line);
      cable.demand();
    }
  }
}
