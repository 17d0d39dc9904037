package cablestream.chaos;

import cablestream.support.FreePort;
import cablestream.support.containers.ChildProcess;
import cablestream.support.containers.StandaloneBridge;
import cablestream.support.wire.RawRequest;
import cablestream.support.wire.RawResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The bridges of one drill, their clients and their server, and the faults between them.
 *
 * <pre>
 * most clients ─────────────┬─ balancer (─ HAProxy) ── bridges ── Passage ── NumberingServer
 * others ── Passage ────────┘                            └─ Passages ── store
 * </pre>
 */
final class DrillStage implements AutoCloseable {
  /** The approximate number of messages per second to each client. */
  private static final int RATE = 2;

  private static final int COMMAND_PAUSE_MILLIS = 4_000;
  private static final Network.Tempo TEMPO = new Network.Tempo(3, 5);
  private static final Duration TIME_TO_OPEN = Duration.ofSeconds(60);
  private static final Duration TIME_TO_SETTLE = Duration.ofSeconds(25);
  private static final Duration TIME_TO_BE_READY = Duration.ofSeconds(60);
  private static final int OUTAGE_SECONDS = 20;
  private static final String PATH = "/cable-events";
  private static final String TOKEN = "a-token-of-the-operator-of-the-drills";
  private static final Pattern SESSIONS = Pattern.compile("(?m)^cablestream_sessions (\\d+)");

  private final DrillSite site;
  private final Faults faults = new Faults(true);
  private final Random random = new Random(27);
  private final List<Ledger> accounts = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final List<Commander> commanders = new ArrayList<>();
  private final List<ChaosNode> nodes = new ArrayList<>();
  private final List<AutoCloseable> closeables = new ArrayList<>();
  private final NumberingServer server;
  private final Passage cables;
  private final Passage way;
  private final Schedule course;
  private final DrillStore store = new DrillStore();
  private final int proxyPort = FreePort.find();

  /** Creates the stage without starting a process. */
  DrillStage(DrillSite site, Path war, int sessions) {
    this.site = site;
    faults.calmDown();
    course = new Schedule(27, 0, 0, sessions, RATE * sessions, 0, Duration.ZERO);
    for (int i = 0; i < sessions; i++) {
      accounts.add(
          site.nodes() > 1 ? Ledger.ofMoving(i, transport(i)) : Ledger.of(i, transport(i)));
    }
    server = later(new NumberingServer(accounts, course, fork(), faults));
    server.pace(course.eventsPerSecond(), true);
    cables = later(new Passage(FreePort.find(), server.port()));
    for (int i = 0; i < site.nodes(); i++) {
      nodes.add(
          new ChaosNode(settings(), site.store() ? store.port() : 0, List.of(war), this::launch));
    }
    FaultProxy balancer =
        balancer(
            site.isProxied() ? List.of(proxyPort) : nodes.stream().map(ChaosNode::port).toList());
    way = later(new Passage(FreePort.find(), balancer.port()));
    FaultProxy others = balancer(List.of(way.port()));
    Network near = later(new Network(balancer, balancer, PATH, TEMPO));
    Network far = later(new Network(others, others, PATH, TEMPO));
    for (Ledger account : accounts) {
      Client client = client(account, isBehind(account.session()) ? far : near);
      clients.add(client);
      commanders.add(new Commander(client, fork(), COMMAND_PAUSE_MILLIS, true));
    }
  }

  /** Some of each transport. */
  private boolean isBehind(int session) {
    return (session + session / 10) % 10 < site.behind() / 10;
  }

  /** Three of five use EventSource. */
  private static Transport transport(int session) {
    return switch (session % 5) {
      case 0 -> Transport.LONG_POLL;
      case 1 -> Transport.TUNNEL;
      default -> Transport.EVENT_SOURCE;
    };
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(site.settings());
    settings.put("cable.url", "ws://127.0.0.1:" + cables.port() + "/cable");
    settings.put("http.path", PATH);
    settings.put("operator.token", TOKEN);
    return settings;
  }

  private <T extends AutoCloseable> T later(T closeable) {
    closeables.add(closeable);
    return closeable;
  }

  private FaultProxy balancer(List<Integer> ports) {
    return later(new FaultProxy("balancer", ports, any -> FaultPlan.NONE, fork(), faults));
  }

  private Random fork() {
    return new Random(random.nextLong());
  }

  private void start() {
    if (site.store()) {
      store.start();
    }
    List<CompletableFuture<Void>> starts =
        nodes.stream().map(node -> CompletableFuture.runAsync(node::start)).toList();
    starts.forEach(CompletableFuture::join);
    if (site.isProxied()) {
      startProxy();
    }
  }

  /** As src/deploy/systemd does. */
  private StandaloneBridge launch(Path war, Map<String, String> settings) {
    List<String> command = new ArrayList<>();
    command.add(StandaloneBridge.java());
    command.addAll(List.of("-Xmx512m", "-XX:+UseParallelGC", "-Xmn64m", StandaloneBridge.EXITS));
    command.addAll(site.flags());
    command.add("-Djava.io.tmpdir=.");
    settings.forEach((name, value) -> command.add("-Dcablestream." + name + "=" + value));
    command.addAll(List.of("-jar", war.toAbsolutePath().toString()));
    return StandaloneBridge.run(Map.of(), command);
  }

  /** HAProxy with the sample of src/deploy, without TLS. */
  private void startProxy() {
    Path directory = ChildProcess.newDirectory("haproxy");
    Path file = directory.resolve("haproxy.cfg");
    try {
      String sample =
          Files.readString(Path.of("src/deploy/haproxy", site.sample()))
              .replaceAll("(?m)^ *(chroot|user|group) .*", "")
              .replaceFirst("maxconn \\d+", "maxconn 2000")
              .replaceFirst("bind :443 ssl crt \\S+ alpn \\S+", "bind 127.0.0.1:" + proxyPort)
              .replace("log /dev/log local0", "log stdout format raw local0")
              .replace("127.0.0.1:8080", "127.0.0.1:" + nodes.get(0).port())
              .replace("127.0.0.1:10000", "127.0.0.1:" + FreePort.find());
      for (int i = 0; i < nodes.size(); i++) {
        sample = sample.replace("192.0.2." + (i + 1) + ":8080", "127.0.0.1:" + nodes.get(i).port());
      }
      Files.writeString(file, sample);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ChildProcess process =
        later(
            ChildProcess.start(
                directory, Map.of(), List.of("/usr/sbin/haproxy", "-f", file.toString())));
    process.awaitListening(proxyPort);
  }

  private Client client(Ledger account, Network network) {
    return switch (account.transport()) {
      case EVENT_SOURCE ->
          new EventSourceClient(account, network, faults, fork(), Mutation.NONE, Long.MAX_VALUE);
      case TUNNEL ->
          new TunnelClient(account, network, faults, fork(), Mutation.NONE, Long.MAX_VALUE);
      case LONG_POLL -> new LongPollClient(account, network, faults, fork(), Mutation.NONE);
    };
  }

  // ---- used by the drills ----

  DrillSite site() {
    return site;
  }

  ChaosNode node(int number) {
    return nodes.get(number);
  }

  NumberingServer server() {
    return server;
  }

  /** The network between the bridges and the server. */
  Passage cables() {
    return cables;
  }

  void rest(double seconds) {
    try {
      TimeUnit.MILLISECONDS.sleep((long) (seconds * 1_000));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Applies a fault to one node for this long. */
  void through(NodeFault fault, int node, double seconds) {
    nodes.get(node).begin(fault);
    rest(seconds);
    nodes.get(node).end(fault);
  }

  /** Restarts all nodes, each when the previous one is ready again. */
  void restartEach() {
    for (int i = 0; i < nodes.size(); i++) {
      through(NodeFault.TERMINATED, i, 0);
      ChaosNode node = nodes.get(i);
      if (!await(TIME_TO_BE_READY, () -> operate(node, "/-/ready").status() == 200)) {
        throw new IllegalStateException("a node isn't ready again");
      }
      rest(2); // until the balancer has noticed it
      System.out.println("  sessions on the nodes: " + sessions());
    }
  }

  private List<Integer> sessions() {
    return nodes.stream()
        .map(node -> SESSIONS.matcher(operate(node, "/-/metrics").text()))
        .map(line -> line.find() ? Integer.parseInt(line.group(1)) : -1)
        .toList();
  }

  private static RawResponse operate(ChaosNode node, String target) {
    return RawRequest.of("GET", node.port(), PATH + target)
        .header("Host", "bridge.example")
        .header("Authorization", "Bearer " + TOKEN)
        .send();
  }

  /**
   * Changes the flow of messages.
   *
   * @param times the factor for the usual rate
   */
  void pace(int times, boolean oneByOne) {
    server.pace((double) times * course.eventsPerSecond(), oneByOne);
  }

  void withoutRails(double seconds) {
    server.fall();
    rest(seconds);
    server.rise();
  }

  void railsMeets(NumberingServer.Reception how) {
    server.meet(how);
    server.cut();
    rest(OUTAGE_SECONDS);
    server.meet(NumberingServer.Reception.WELCOME);
  }

  /** Applies a fault to the network of the clients behind one, for this long. */
  void withoutNetwork(Passage.State how, double seconds) {
    way.become(how);
    rest(seconds);
    way.become(Passage.State.OPEN);
  }

  void flood(int perSecond, double seconds) {
    try (Newcomers newcomers = new Newcomers(nodes.get(0).port(), PATH)) {
      newcomers.come(perSecond, seconds);
    }
  }

  DrillStore store() {
    return store;
  }

  void withLateStore(double seconds) {
    nodes.forEach(node -> node.begin(NodeFault.LATE_STORE));
    rest(seconds);
    nodes.forEach(node -> node.end(NodeFault.LATE_STORE));
  }

  // ---- the clients ----

  /** Returns when all bridges listen, and all clients have received something. */
  void open() {
    start();
    clients.forEach(Client::start);
    commanders.forEach(Commander::start);
    server.produce(true);
    forAll(EventLedger::lookForMessage);
    if (!await(TIME_TO_OPEN, () -> silent() == 0)) {
      throw new IllegalStateException(silent() + " clients hear nothing before anything happens");
    }
  }

  void forAll(Consumer<EventLedger> action) {
    accounts.forEach(account -> action.accept(account.events()));
  }

  /** The number of clients that have received nothing since this was last called. */
  long silent() {
    return accounts.stream().filter(it -> it.events().untilMessage().isEmpty()).count();
  }

  /** For each client that receives messages again, the seconds that it took, in ascending order. */
  List<Double> backAfter() {
    return accounts.stream()
        .flatMapToLong(account -> account.events().untilMessage().stream())
        .sorted()
        .mapToObj(nanos -> nanos / 1e9)
        .toList();
  }

  /**
   * Stops the messages, and waits until all have arrived, as well as one last command of each
   * client.
   */
  Report finish() {
    server.produce(false);
    commanders.forEach(Commander::finish);
    await(TIME_TO_SETTLE, this::isSettled);
    Report report = new Report(course, "drill", accounts, faults, 0);
    nodes.stream()
        .filter(ChaosNode::isAlive)
        .forEach(node -> node.complaints().forEach(report::complain));
    return report;
  }

  private boolean isSettled() {
    return commanders.stream().allMatch(Commander::isFinished)
        && accounts.stream().allMatch(account -> account.events().isSettled());
  }

  boolean await(Duration time, BooleanSupplier condition) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0 && !condition.getAsBoolean()) {
      rest(0.05);
    }
    return condition.getAsBoolean();
  }

  @Override
  public void close() {
    clients.forEach(Client::stop);
    nodes.stream()
        .filter(ChaosNode::isAlive)
        .forEach(node -> node.begin(NodeFault.KILLED)); // a drain would take longer
    nodes.forEach(ChaosNode::close);
    for (AutoCloseable closeable : closeables) {
      try {
        closeable.close();
      } catch (Exception e) {
        System.out.println(closeable + ": " + e);
      }
    }
    store.close();
  }
}
