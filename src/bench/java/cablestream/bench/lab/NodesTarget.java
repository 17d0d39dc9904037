package cablestream.bench.lab;

import cablestream.support.FreePort;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Nodes with one store, each with the WAR in Jetty in a process of its own. */
public final class NodesTarget implements Target {
  /** One node that claims its sessions: the cost of the directory. */
  private static final String STORE = "store";

  /** Two nodes; each session is on one, and its browser uses the other: the cost of a relay. */
  private static final String RELAYED = "relayed";

  /** Three nodes, likewise. */
  private static final String NODES = "nodes";

  private static final String SECRET = "benchmark-benchmark-benchmark-benchmark";

  private final String name;
  private final ValkeyProcess store;
  private final List<BridgeProcess> nodes = new ArrayList<>();

  private NodesTarget(String name, int count, URI cable, List<String> moreFlags) {
    this.name = name;
    store = new ValkeyProcess(FreePort.find());
    try {
      for (int i = 0; i < count; i++) {
        int port = FreePort.find();
        nodes.add(new BridgeProcess(MeasuredContainer.JETTY, port, cable, flags(port, moreFlags)));
      }
    } catch (IllegalStateException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts one.
   *
   * @param key its name on the command line and in the results
   * @return empty if no cluster has that name
   * @throws IllegalStateException if it can't be started
   */
  public static Optional<Target> of(String key, URI cable, List<String> moreFlags) {
    return switch (key) {
      case STORE -> Optional.of(new NodesTarget(key, 1, cable, moreFlags));
      case RELAYED -> Optional.of(new NodesTarget(key, 2, cable, moreFlags));
      case NODES -> Optional.of(new NodesTarget(key, 3, cable, moreFlags));
      default -> Optional.empty();
    };
  }

  private List<String> flags(int port, List<String> moreFlags) {
    List<String> flags = new ArrayList<>(moreFlags);
    flags.add("-Dcablestream.cluster.store=" + store.url());
    flags.add("-Dcablestream.cluster.secret=" + SECRET);
    flags.add(
        "-Dcablestream.cluster.address=http://127.0.0.1:" + port + BridgeProcess.CONTEXT_PATH);
    return flags;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<URI> urls() {
    return nodes.stream().flatMap(node -> node.urls().stream()).toList();
  }

  @Override
  public long pid() {
    return nodes.get(0).pid();
  }

  @Override
  public Usage usage() {
    return nodes.stream().map(Target::usage).reduce(Usage::plus).orElseThrow();
  }

  @Override
  public int warmUps() {
    return nodes.size() * nodes.size();
  }

  @Override
  public boolean relays() {
    return nodes.size() > 1;
  }

  @Override
  public ValkeyProcess store() {
    return store;
  }

  @Override
  public void restart(List<String> flags) {
    nodes.forEach(node -> node.restart(flags));
  }

  @Override
  public void close() {
    nodes.forEach(BridgeProcess::close);
    store.close();
  }
}
