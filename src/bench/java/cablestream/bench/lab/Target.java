package cablestream.bench.lab;

import java.net.URI;
import java.util.List;

/** What clients are attached to. */
public interface Target extends AutoCloseable {
  /** The name of the yardstick. */
  String DIRECT = "direct";

  String name();

  /** The base URL; for {@link #DIRECT} the cable's. */
  URI url();

  /** The bridge's process; 0 where it isn't known, or where there is no bridge. */
  long pid();

  /** Starts the process anew, where it is ours. @param flags more of them */
  void restart(List<String> flags);

  default boolean isDirect() {
    return name().equals(DIRECT);
  }

  @Override
  void close();

  /** The simulated server itself: clients come by WebSocket. */
  static Target direct(URI cable) {
    return running(DIRECT, cable, 0);
  }

  /** A bridge that runs already. */
  static Target running(URI url) {
    return running(url.getAuthority(), url, PortOwner.of(url.getPort()));
  }

  private static Target running(String name, URI url, long pid) {
    record Running(String name, URI url, long pid) implements Target {
      @Override
      public void restart(List<String> flags) {
        // It isn't ours.
      }

      @Override
      public void close() {
        // It isn't ours.
      }
    }
    return new Running(name, url, pid);
  }
}
