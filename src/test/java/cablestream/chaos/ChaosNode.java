package cablestream.chaos;

import cablestream.support.FreePort;
import cablestream.support.containers.ChildProcess;
import cablestream.support.containers.StandaloneBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;

/**
 * {@code java -jar}, alone or as one of several nodes. The connections between nodes, and those to
 * their store, then go through passages.
 */
final class ChaosNode implements AutoCloseable {
  private static final String SECRET = "a-secret-that-only-the-nodes-know-0123456789";

  /** Other nodes can't reach it, and it is stopped while it relays their responses. */
  private static final List<String> EXPECTED =
      List.of("event=cluster_address_unreachable", "event=close_failed part=server");

  private static final Duration TIME_TO_EXIT = Duration.ofSeconds(30);

  private final int port = FreePort.find();
  private final Passage way = new Passage(FreePort.find(), port);
  private final Passage toStore;
  private final Map<String, String> settings;
  private final List<Path> versions;
  private final BiFunction<Path, Map<String, String>, StandaloneBridge> launcher;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private StandaloneBridge bridge;
  private int version;

  /**
   * Creates a node without starting it.
   *
   * @param settings common to all nodes
   * @param storePort where the store listens; 0 for a single bridge
   * @param versions WARs, beginning with the first to run
   * @param launcher starts a process of a WAR with such settings
   */
  ChaosNode(
      Map<String, String> settings,
      int storePort,
      List<Path> versions,
      BiFunction<Path, Map<String, String>, StandaloneBridge> launcher) {
    toStore = new Passage(FreePort.find(), storePort);
    this.versions = versions;
    this.launcher = launcher;
    this.settings = new HashMap<>(settings);
    this.settings.put("http.port", "" + port);
    if (storePort > 0) {
      this.settings.put("cluster.store", "redis://127.0.0.1:" + toStore.port());
      this.settings.put("cluster.secret", SECRET);
      String path = settings.get("http.path").replaceFirst("/$", "");
      this.settings.put("cluster.address", "http://127.0.0.1:" + way.port() + path);
    }
  }

  /** The port that clients use throughout the run. */
  int port() {
    return port;
  }

  boolean isAlive() {
    return bridge != null && bridge.process().isAlive();
  }

  long pid() {
    return bridge.process().pid();
  }

  /** Returns when it listens. */
  void start() {
    bridge = launcher.apply(versions.get(version), settings);
    bridge.awaitListening();
  }

  void begin(NodeFault fault) {
    way.become(fault.way());
    toStore.become(fault.wayToStore());
    switch (fault) {
      case KILLED -> {
        bridge.process().kill();
        bridge.process().awaitExit(TIME_TO_EXIT);
      }
      case TERMINATED, OTHER_VERSION -> bridge.process().terminate();
      case STOPPED -> signal("STOP");
      default -> {
        // The passages carry the fault out.
      }
    }
  }

  /** Returns when the node works again. */
  void end(NodeFault fault) {
    switch (fault) {
      case KILLED, TERMINATED, OTHER_VERSION -> {
        bridge.process().awaitExit(TIME_TO_EXIT);
        listen(bridge.process());
        if (fault == NodeFault.OTHER_VERSION) {
          version = (version + 1) % versions.size();
        }
        start();
      }
      case STOPPED -> signal("CONT");
      default -> {
        way.become(Passage.State.OPEN);
        toStore.become(Passage.State.OPEN);
      }
    }
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, "" + bridge.process().pid()).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The errors that it logged, without those that its faults explain. */
  List<String> complaints() {
    listen(bridge.process());
    return complaints;
  }

  private void listen(ChildProcess process) {
    process
        .log()
        .lines()
        .filter(line -> line.contains("SEVERE"))
        .filter(line -> EXPECTED.stream().noneMatch(line::contains))
        .forEach(complaints::add);
  }

  @Override
  public void close() {
    if (bridge != null) {
      bridge.close();
    }
    way.close();
    toStore.close();
  }
}
