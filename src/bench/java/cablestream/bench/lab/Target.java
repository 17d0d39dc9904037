package cablestream.bench.lab;

import java.net.URI;
import java.util.List;

/** What clients are attached to. */
public interface Target extends AutoCloseable {
  /** The name of the yardstick. */
  String DIRECT = "direct";

  String name();

  /** The base URL, of each node; for {@link #DIRECT} the cable's. */
  List<URI> urls();

  /** The bridge's process, or its first node's; 0 where it isn't known, or there is no bridge. */
  long pid();

  /** What its processes have used so far. */
  default Usage usage() {
    return Usage.of(pid());
  }

  /**
   * How much longer it has to be warmed up than one process alone: several share the work, and each
   * compiles for itself.
   */
  default int warmUps() {
    return 1;
  }

  /** Whether clients go on at another node than the one where their session is. */
  default boolean relays() {
    return false;
  }

  /** What its nodes find each other's sessions by; null where there is none. */
  default ValkeyProcess store() {
    return null;
  }

  /** Starts the process anew, where it is ours. @param flags more of them */
  void restart(List<String> flags);

  default boolean isDirect() {
    return name().equals(DIRECT);
  }

  @Override
  void close();

  /** The simulated server itself: clients come by WebSocket. */
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
        // It isn't ours.
      }

      @Override
      public void close() {
        // It isn't ours.
      }
    }
    return new Running(name, urls, pid);
  }
}
