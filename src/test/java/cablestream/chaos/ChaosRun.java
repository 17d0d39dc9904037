package cablestream.chaos;

import cablestream.support.containers.Bridge;
import cablestream.support.containers.Container;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/** One run, from the first connection to the report. */
final class ChaosRun implements AutoCloseable {
  /** The approximate average size of an event. */
  private static final int BYTES_PER_EVENT = 500;

  /** How long a session outlives its client's last connection. */
  static final Duration LINGER = Duration.ofSeconds(5);

  /** Short timeouts, so that many faults fit into a minute. */
  static final String QUICK =
      "cable.stale=2s,cable.welcome-timeout=2s,cable.backoff-min=20ms,cable.backoff-max=500ms,"
          + "stall=1s,stall-sole=2s,confirm=3s,drain.retry-min=100ms,drain.retry-max=500ms,linger="
          + LINGER.toSeconds()
          + "s,";

  /** Without faults nothing may break, however busy the machine is. */
  private static final String PATIENT =
      "cable.stale=60s,cable.welcome-timeout=60s,stall=60s,stall-sole=60s,confirm=60s,linger=60s,";

  private static final double SHARE_OF_EXCHANGES = 0.1;
  private static final Duration TIME_TO_SETTLE = Duration.ofSeconds(40);
  private static final Duration TIME_TO_COLLECT = Duration.ofSeconds(5);

  private final Schedule course;
  private final Container container;
  private final Random random;
  private final Faults faults = new Faults();
  private final List<Ledger> accounts = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final List<Commander> commanders = new ArrayList<>();
  private final NumberingServer server;
  private final FaultProxy cables;
  private final Bridge bridge;
  private final FaultProxy streams;
  private final FaultProxy exchanges;
  private final Network network;
  private final long started = System.nanoTime();
  private int redeployed;

  /**
   * Runs to the end.
   *
   * @param mutations the bug of each session's client; none in a regular run
   */
  static Report run(Schedule course, Container container, IntFunction<Mutation> mutations) {
    try (ChaosRun run = new ChaosRun(course, container, mutations)) {
      return run.run();
    }
  }

  private ChaosRun(Schedule course, Container container, IntFunction<Mutation> mutations) {
    this.course = course;
    this.container = container;
    random = new Random(course.seed());
    if (course.faults() == 0) {
      faults.calmDown();
    }
    for (int i = 0; i < course.sessions(); i++) {
      accounts.add(Ledger.of(i, Transport.values()[i % 3]));
    }
    server = new NumberingServer(accounts, course, fork(), faults);
    double mean = course.eventsPerFault() * BYTES_PER_EVENT;
    cables =
        new FaultProxy("cables", server.port(), FaultPlan.cables((int) (9 * mean)), fork(), faults);
    bridge = start(container, cables.port(), course.faults() > 0);
    streams =
        new FaultProxy(
            "streams", bridge.port(), FaultPlan.streams((int) (1.5 * mean)), fork(), faults);
    exchanges =
        new FaultProxy(
            "exchanges", bridge.port(), FaultPlan.exchanges(SHARE_OF_EXCHANGES), fork(), faults);
    network = new Network(streams, exchanges, bridge.base().getPath());
    for (Ledger account : accounts) {
      Client client = client(account, mutations.apply(account.session()));
      clients.add(client);
      commanders.add(new Commander(client, fork(), 400, true));
    }
  }

  /**
   * The bridge with a small log, which soon fills and evicts; {@code chaos.settings} adds settings,
   * as {@code listeners=many,log.budget=1MiB}.
   */
  private static Bridge start(Container container, int cablePort, boolean faults) {
    Bridge.Builder bridge =
        Bridge.in(container)
            .setting("cable.url", "ws://127.0.0.1:" + cablePort + "/cable")
            .setting("log.events", "200")
            .setting("log.bytes", "64KiB")
            .setting("retry", "100ms")
            .setting("heartbeat", "1s");
    String others = (faults ? QUICK : PATIENT) + System.getProperty("chaos.settings", "");
    for (String setting : others.split(",")) {
      bridge.setting(setting.split("=")[0], setting.split("=")[1]);
    }
    return bridge.start();
  }

  private Client client(Ledger account, Mutation mutation) {
    return switch (account.transport()) {
      case EVENT_SOURCE ->
          new EventSourceClient(
              account, network, faults, fork(), mutation, course.eventsPerFault() * 7);
      case TUNNEL ->
          new TunnelClient(account, network, faults, fork(), mutation, course.eventsPerFault() * 7);
      case LONG_POLL -> new LongPollClient(account, network, faults, fork(), mutation);
    };
  }

  private Random fork() {
    return new Random(random.nextLong());
  }

  private Report run() {
    clients.forEach(Client::start);
    commanders.forEach(Commander::start);
    server.produce(true);
    await(course.limit(), this::isFarEnough);
    faults.calmDown();
    server.produce(false);
    commanders.forEach(Commander::finish);
    await(TIME_TO_SETTLE, this::isSettled);
    long seconds = (System.nanoTime() - started) / 1_000_000_000;
    Report report = new Report(course, container.toString(), accounts, faults, seconds);
    clients.forEach(Client::stop);
    complaints().forEach(report::complain);
    formerDeployment().ifPresent(report::complain);
    return report;
  }

  private boolean isFarEnough() {
    double done = (double) server.sent() / course.events();
    if (redeployed < course.redeployments()
        && done > (redeployed + 1.0) / (course.redeployments() + 1)) {
      redeploy(redeployed++ % 2 == 0);
    }
    return done >= 1 && faults.total() >= course.faults() && redeployed == course.redeployments();
  }

  private void redeploy(boolean drained) {
    faults.uproot();
    if (drained) {
      bridge.operate("POST", "/-/drain").send();
    }
    bridge.undeploy();
    faults.uproot(); // for those that began between the announcement and the redeployment
    bridge.deploy();
    faults.uproot(); // for those that only now read what the former deployment had written
    faults.happened(drained ? FaultKind.DRAINED : FaultKind.REDEPLOYED);
  }

  private boolean isSettled() {
    return commanders.stream().allMatch(Commander::isFinished)
        && accounts.stream().allMatch(account -> account.events().isSettled());
  }

  /** The errors that the bridge logged. */
  private List<String> complaints() {
    return bridge.log().lines().filter(line -> line.contains(" SEVERE cablestream")).toList();
  }

  private Optional<String> formerDeployment() {
    try {
      bridge.awaitCollectionOfBusyDeployments(TIME_TO_COLLECT);
      return Optional.empty();
    } catch (AssertionError e) {
      return Optional.of(e.getMessage());
    }
  }

  static void await(Duration time, BooleanSupplier condition) {
    long end = System.nanoTime() + time.toNanos();
    try {
      while (System.nanoTime() < end && !condition.getAsBoolean()) {
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    clients.forEach(Client::stop);
    network.close();
    streams.close();
    exchanges.close();
    bridge.close();
    cables.close();
    server.close();
  }
}
