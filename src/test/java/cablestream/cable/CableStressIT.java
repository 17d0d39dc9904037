package cablestream.cable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cablestream.cable.jetty.JettyCableDialer;
import cablestream.concurrent.Mailbox;
import cablestream.concurrent.TimerWheel;
import cablestream.memory.Account;
import cablestream.support.CableServerConnection;
import cablestream.support.InProcessActionCable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many cables, a server with all kinds of faults, and sessions that close at any time, on real
 * threads: each owner checks that its callbacks come in a possible order. {@code
 * -Dcable.stress.seconds=…} and {@code -Dcable.stress.seed=…} change the duration and the random
 * choices.
 */
@Timeout(120)
class CableStressIT {
  private static final int SECONDS = Integer.getInteger("cable.stress.seconds", 3);

  /** A number of callbacks that shows that something happened. */
  private static final int ENOUGH = 1_000;

  private static final int CABLES = 40;
  private static final DialRequest REQUEST = new DialRequest(List.of(), "", DialRequest.PROTOCOLS);

  private final long seed = Long.getLong("cable.stress.seed", 42);
  private final InProcessActionCable rails = InProcessActionCable.start();
  private final TimerWheel timers = new TimerWheel();
  private final ExecutorService pool = Executors.newFixedThreadPool(4);
  private final CableSettings settings =
      new CableSettings(
          rails.url(),
          CablePaths.NONE,
          64 * 1024,
          new CableSettings.Timeouts(
              Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofSeconds(1)),
          new ReconnectPolicy(Duration.ofMillis(10), Duration.ofMillis(100)),
          new CableSettings.Dialling(8, 16, Duration.ofSeconds(1)));
  private final JettyCableDialer sockets = new JettyCableDialer(settings, timers, Account.ofHeap());
  private final CableDialer dialer = new CableDialer(settings, sockets, timers);
  private final List<String> impossible = new ArrayList<>();
  private final AtomicInteger told = new AtomicInteger();

  @AfterEach
  void close() {
    sockets.close();
    timers.close();
    pool.shutdownNow();
    rails.close();
  }

  @Test
  void whateverHappensEachSessionIsToldWhatIsPossibleAndNothingIsLeft() {
    Random random = new Random(seed);
    List<CheckingOwner> owners = new ArrayList<>();
    long start = System.nanoTime();
    // As long as it takes on a busy machine.
    while (told.get() <= ENOUGH && secondsSince(start) < 20 * SECONDS
        || secondsSince(start) < SECONDS) {
      if (owners.stream().filter(owner -> !owner.over).count() < CABLES) {
        owners.add(new CheckingOwner(random.nextInt(4) == 0).open());
      }
      CheckingOwner owner = owners.get(random.nextInt(owners.size()));
      switch (random.nextInt(8)) {
        case 0 -> owner.close();
        case 1, 2, 3 -> owner.send("x".repeat(random.nextInt(20_000)));
        default -> fault(random);
      }
    }
    owners.forEach(CheckingOwner::close);
    await().until(() -> rails.openConnections() == 0);
    await().untilAsserted(() -> assertThat(owners).allMatch(owner -> owner.pending.get() == 0));
    // The server may have been down at the end: then the gate tries once a second until a dial is
    // welcomed.
    rails.welcomesEverybody();
    CheckingOwner last = new CheckingOwner(false).open();
    await().until(() -> rails.openConnections() == 1 && last.welcomed);
    last.close();
    await().until(() -> rails.openConnections() == 0);
    await().until(this::isEveryPlaceFree);
    assertThat(impossible).as("seed %d", seed).isEmpty();
    assertThat(told.get()).as("something happened").isGreaterThan(ENOUGH);
  }

  private static long secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1_000_000_000;
  }

  /** Faults of the server and of the network between. */
  private void fault(Random random) {
    List<CableServerConnection> connections = rails.connections();
    if (connections.isEmpty()) {
      return;
    }
    int recent = Math.min(connections.size(), CABLES * 2);
    CableServerConnection connection =
        connections.get(connections.size() - 1 - random.nextInt(recent));
    switch (random.nextInt(random.nextInt(4) == 0 ? 14 : 6)) {
      case 0, 1, 2 -> connection.broadcast("{}", "\"" + "y".repeat(random.nextInt(30_000)) + "\"");
      case 3 -> connection.confirm("{}");
      case 4 -> connection.say("not JSON");
      case 5 -> connection.say("z".repeat(65 * 1024));
      case 6 -> connection.cut();
      case 7 -> connection.close(1000 + random.nextInt(2), "");
      case 8 -> connection.disconnect("server_restart", true);
      case 9 -> connection.disconnect("remote", false);
      case 10 -> connection.sayInBinary((byte) 1);
      case 11 -> rails.saysNothing();
      case 12 -> rails.refusesWith(503);
      default -> rails.welcomesEverybody();
    }
  }

  /** Whether all places that the gate offers now are free. */
  private boolean isEveryPlaceFree() {
    DialGate gate = dialer.gate();
    int places = gate.limit();
    List<DialGate.Turn> turns = new ArrayList<>();
    AtomicInteger granted = new AtomicInteger();
    for (int i = 0; i < places; i++) {
      turns.add(gate.ask(true, "", granted::incrementAndGet));
    }
    turns.forEach(DialGate.Turn::end);
    return granted.get() == places;
  }

  private final class CheckingOwner implements Cable.Owner {
    private final Mailbox mailbox = new Mailbox(pool);
    private final boolean tunnel;
    private final Cable cable;
    final AtomicInteger pending = new AtomicInteger();
    volatile boolean over;
    volatile boolean welcomed;
    private boolean open;
    private boolean demanded;

    CheckingOwner(boolean tunnel) {
      this.tunnel = tunnel;
      cable = dialer.cable(this, mailbox, tunnel ? Cable.Reader.CLIENT : Cable.Reader.BRIDGE);
    }

    CheckingOwner open() {
      mailbox.run(
          () ->
              cable.open(
                  tunnel ? new DialRequest(List.of(), "", List.of("actioncable-v1-json")) : REQUEST,
                  "192.0.2.1"));
      return this;
    }

    void close() {
      mailbox.run(
          () -> {
            over = true;
            cable.close(1000, "");
          });
    }

    void send(String frame) {
      pending.incrementAndGet();
      AtomicInteger times = new AtomicInteger();
      mailbox.run(
          () ->
              cable.send(
                  frame,
                  why -> {
                    check(mailbox.isInside(), "done outside the mailbox");
                    check(times.incrementAndGet() == 1, "done twice");
                    pending.decrementAndGet();
                  }));
    }

    @Override
    public void opened() {
      tell(!open, "welcomed");
      open = true;
      welcomed = true;
      demand();
    }

    @Override
    public void frame(CableFrame frame) {
      boolean possible =
          switch (frame.type()) {
            case MESSAGE ->
                !tunnel
                    && frame.text()[frame.messageFrom()] == '"'
                    && frame.text()[frame.messageTo() - 1] == '"';
            case OPAQUE -> tunnel;
            case CONFIRM_SUBSCRIPTION, REJECT_SUBSCRIPTION -> !tunnel;
            default -> false;
          };
      frame(frame.type().name(), possible);
    }

    @Override
    public void frameDropped(String why) {
      frame("unreadable", !tunnel);
    }

    @Override
    public void lost(String reason) {
      tell(open && !tunnel, "dropped " + reason);
      open = false;
      demanded = false;
    }

    @Override
    public void ended(CableEnding ending) {
      tell(true, "ended");
      over = true;
    }

    private void frame(String what, boolean possible) {
      tell(open && demanded && possible, what);
      demanded = false;
      demand();
    }

    private void demand() {
      demanded = true;
      cable.demand();
    }

    private void tell(boolean possible, String what) {
      told.incrementAndGet();
      check(mailbox.isInside(), what + " outside the mailbox");
      check(!over, what + " after the end");
      check(possible, what);
    }

    private void check(boolean possible, String what) {
      if (!possible) {
        synchronized (impossible) {
          impossible.add(what);
        }
      }
    }
  }
}
