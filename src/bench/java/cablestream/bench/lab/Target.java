package cablestream.bench.lab;

import java.net.URI;
import java.util.List;

/** The bridge or server to which clients connect. */
public interface Target extends AutoCloseable {
  /** The name of the baseline. */
  String DIRECT = "direct";

  String name();

  /** The base URL of each node; for {@link #DIRECT} the cable's. */
  List<URI> urls();

  /** The process of the bridge or of its first node; 0 if it is unknown, or there is no bridge. */
  long pid();

  /** The resources used by its processes so far. */
  default Usage usage() {
    return Usage.of(pid());
  }

  /**
   * The factor by which its warm-up is longer than that of one process: several processes share the
   * load, and each compiles for itself.
   */
  default int warmUps() {
    return 1;
  }

  /** Whether clients continue on a node other than their session's. */
  default boolean relays() {
    return false;
  }

  /** The store by which its nodes find each other's sessions; null if there is none. */
  default ValkeyProcess store() {
    return null;
  }

  /** Restarts the process, if it is one of ours. @param flags additional ones */
  void restart(List<String> flags);

  default boolean isDirect() {
    return name().equals(DIRECT);
  }

  @Override
  void close();

  /** The simulated server itself: clients connect by WebSocket. */
  static Target direct(URI cable) {
    return running(DIRECT, List.of(cable), 0);
  }

  /** A bridge that runs already. */
  static Target running(URI url) {
    return running(url.getAuthority(), List.of(url), PortOwner.of(url.getPort()));
  }

  private static Target running(String name, List<URI> urls, long pid) {
    record Running(String name, List<URI> urls, long pid) implements Target {
      @Override
      public void restart(List<String> flags) {
        // It belongs to the user.
      }

      @Override
      public void close() {
        // It belongs to the user.
      }
    }
    return new Running(name, urls, pid);
  }
}
