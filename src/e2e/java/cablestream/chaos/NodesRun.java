package cablestream.chaos;

import cablestream.e2e.PreviousWar;
import cablestream.e2e.ValkeyServer;
import cablestream.support.containers.Bridge;
import cablestream.support.containers.StandaloneBridge;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One run over three nodes with a store, from the first connection to the report.
 *
 * <pre>
 * clients ── FaultProxy, each connection to the next node ── nodes ── FaultProxy ── NumberingServer
 *                                                            │  │
 *                                    Passages between nodes ─┘  └─ Passages to the store
 * </pre>
 */
final class NodesRun implements AutoCloseable {
  private static final int NODES = 3;
  private static final int FAULTS_AT_ONCE = 2;

  /** The approximate average size of an event. */
  private static final int BYTES_PER_EVENT = 500;

  private static final double SHARE_OF_EXCHANGES = 0.02;

  /** A node learns late that it has lost a session, which then lingers. */
  private static final Duration TIME_TO_SETTLE = Duration.ofSeconds(60);

  private final Schedule course;
  private final int nodeFaults;
  private final Random random;
  private final Faults faults = new Faults(true);
  private final List<Ledger> accounts = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final List<Commander> commanders = new ArrayList<>();
  private final ValkeyServer store = ValkeyServer.start();
  private final NumberingServer server;
  private final FaultProxy cables;
  private final List<ChaosNode> nodes = new ArrayList<>();
  private final FaultProxy streams;
  private final FaultProxy exchanges;
  private final Network network;
  private final List<Path> versions = List.of(Bridge.WAR, PreviousWar.build());
  private final long started = System.nanoTime();

  /** Each kind occurs once before any is repeated. */
  private final Queue<NodeFault> planned = new ArrayDeque<>();

  private final List<Ongoing> ongoing = new ArrayList<>();
  private final Map<NodeFault, Integer> counts = new EnumMap<>(NodeFault.class);
  private final List<String> begun = new ArrayList<>();

  /**
   * A fault in progress.
   *
   * @param node null for a fault of the store
   * @param until as a nanoTime
   * @param end completes when the fault is over; null before its end begins
   */
  private record Ongoing(NodeFault fault, ChaosNode node, long until, CompletableFuture<Void> end) {
    boolean isDue() {
      return end == null && System.nanoTime() - until >= 0;
    }

    boolean isOver() {
      return end != null && end.isDone();
    }
  }

  /**
   * Runs to the end.
   *
   * @param nodeFaults the number of faults of nodes and the store
   * @param names whether commands name their session
   */
  static Report run(Schedule course, int nodeFaults, boolean names) {
    try (NodesRun run = new NodesRun(course, nodeFaults, names)) {
      return run.run();
    }
  }

  private NodesRun(Schedule course, int nodeFaults, boolean names) {
    this.course = course;
    this.nodeFaults = nodeFaults;
    random = new Random(course.seed());
    for (int i = 0; i < course.sessions(); i++) {
      accounts.add(Ledger.ofMoving(i, Transport.values()[i % 3]));
    }
    server = new NumberingServer(accounts, course, fork(), faults);
    double mean = course.eventsPerFault() * BYTES_PER_EVENT;
    cables =
        new FaultProxy("cables", server.port(), FaultPlan.cables((int) (9 * mean)), fork(), faults);
    for (int i = 0; i < NODES; i++) {
      nodes.add(
          new ChaosNode(settings(cables.port()), store.port(), versions, StandaloneBridge::start));
    }
    Stream<CompletableFuture<Void>> starts =
        nodes.stream().map(node -> CompletableFuture.runAsync(node::start)).toList().stream();
    starts.forEach(CompletableFuture::join);
    List<Integer> ports = nodes.stream().map(ChaosNode::port).toList();
    streams =
        new FaultProxy("streams", ports, FaultPlan.streams((int) (1.5 * mean)), fork(), faults);
    exchanges =
        new FaultProxy("exchanges", ports, FaultPlan.exchanges(SHARE_OF_EXCHANGES), fork(), faults);
    network = new Network(streams, exchanges, "");
    for (Ledger account : accounts) {
      Client client = client(account);
      clients.add(client);
      commanders.add(new Commander(client, fork(), 400, names));
    }
  }

  private static Map<String, String> settings(int cablePort) {
    Map<String, String> settings = new HashMap<>();
    settings.put("cable.url", "ws://127.0.0.1:" + cablePort + "/cable");
    settings.put("http.path", "/");
    settings.put("log.events", "200");
    settings.put("log.bytes", "64KiB");
    settings.put("retry", "100ms");
    settings.put("heartbeat", "1s");
    settings.put("drain.notice", "1s");
    for (String setting : ChaosRun.QUICK.split(",")) {
      settings.put(setting.split("=")[0], setting.split("=")[1]);
    }
    return settings;
  }

  private Client client(Ledger account) {
    double takeOver = course.eventsPerFault() * 7;
    return switch (account.transport()) {
      case EVENT_SOURCE ->
          new EventSourceClient(account, network, faults, fork(), Mutation.NONE, takeOver);
      case TUNNEL -> new TunnelClient(account, network, faults, fork(), Mutation.NONE, takeOver);
      case LONG_POLL -> new LongPollClient(account, network, faults, fork(), Mutation.NONE);
    };
  }

  private Random fork() {
    return new Random(random.nextLong());
  }

  private Report run() {
    clients.forEach(Client::start);
    commanders.forEach(Commander::start);
    server.produce(true);
    ChaosRun.await(
        Duration.ofSeconds(20), () -> accounts.stream().allMatch(it -> it.events().isBegun()));
    torment();
    faults.calmDown();
    server.produce(false);
    commanders.forEach(Commander::finish);
    ChaosRun.await(TIME_TO_SETTLE, this::isSettled);
    long seconds = (System.nanoTime() - started) / 1_000_000_000;
    List<Ledger> unsettled =
        accounts.stream().filter(account -> !account.events().isSettled()).toList();
    Report report = new Report(course, "three nodes", accounts, faults, seconds);
    clients.forEach(Client::stop);
    report.note(
        counts.entrySet().stream()
            .map(count -> "| %s | %d |".formatted(count.getKey(), count.getValue()))
            .collect(Collectors.joining("\n")));
    report.note("\nalive and empty: %d; %s".formatted(unsettled.size(), String.join(", ", begun)));
    nodes.forEach(node -> node.complaints().forEach(report::complain));
    return report;
  }

  // ---- faults of nodes and the store ----

  private void torment() {
    long end = System.nanoTime() + course.limit().toNanos();
    int count = 0;
    long next = System.nanoTime();
    while (count < nodeFaults && System.nanoTime() - end < 0) {
      if (ongoing.size() < FAULTS_AT_ONCE && System.nanoTime() - next >= 0 && begin()) {
        count++;
        next = System.nanoTime() + (300 + random.nextInt(3_000)) * 1_000_000L;
      }
      pause();
      ongoing.replaceAll(fault -> fault.isDue() ? end(fault) : fault);
      ongoing.removeIf(Ongoing::isOver);
    }
    ongoing.replaceAll(fault -> fault.end() == null ? end(fault) : fault);
    ongoing.forEach(fault -> fault.end().join());
  }

  /** False if the next fault can't begin now. */
  private boolean begin() {
    if (planned.isEmpty()) {
      List<NodeFault> all = new ArrayList<>(List.of(NodeFault.values()));
      Collections.shuffle(all, random);
      planned.addAll(all);
    }
    NodeFault fault = planned.element();
    ChaosNode node = fault.isOfStore() ? null : healthyNode();
    if (isOngoingAt(node)) {
      return false;
    }
    planned.remove();
    int millis = 500 + random.nextInt(9_000);
    counts.merge(fault, 1, Integer::sum);
    String where = node == null ? "" : " " + nodes.indexOf(node);
    begun.add(
        "%d ms %s%s for %d ms"
            .formatted((System.nanoTime() - started) / 1_000_000, fault.name(), where, millis));
    if (node == null) {
      beginOfStore(fault, millis);
    } else {
      node.begin(fault);
    }
    ongoing.add(new Ongoing(fault, node, System.nanoTime() + millis * 1_000_000L, null));
    return true;
  }

  private ChaosNode healthyNode() {
    List<ChaosNode> healthy = nodes.stream().filter(node -> !isOngoingAt(node)).toList();
    return healthy.get(random.nextInt(healthy.size()));
  }

  /**
   * @param node null for the store
   */
  private boolean isOngoingAt(ChaosNode node) {
    return ongoing.stream().anyMatch(fault -> fault.node() == node);
  }

  private void beginOfStore(NodeFault fault, int millis) {
    switch (fault) {
      case STORE_FLUSHED -> store.flush();
      case STORE_RESTARTED -> store.stop();
      case STORE_HANGS -> store.hang(1 + millis / 1_000);
      default -> throw new AssertionError(fault);
    }
  }

  private Ongoing end(Ongoing fault) {
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            () -> {
              if (fault.node() != null) {
                fault.node().end(fault.fault());
              } else if (fault.fault() == NodeFault.STORE_RESTARTED) {
                store.again();
              }
            });
    return new Ongoing(fault.fault(), fault.node(), fault.until(), end);
  }

  private boolean isSettled() {
    return commanders.stream().allMatch(Commander::isFinished)
        && accounts.stream().allMatch(account -> account.events().isSettled());
  }

  private static void pause() {
    try {
      Thread.sleep(50);
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
    nodes.forEach(ChaosNode::close);
    cables.close();
    server.close();
    store.close();
  }
}
