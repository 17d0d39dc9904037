package cablestream.chaos;

import cablestream.support.wire.RawRequest;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** New clients of one address: each opens a session, and keeps it until there are too many. */
final class Newcomers implements AutoCloseable {
  private static final String ADDRESS = "127.66.0.1";
  private static final int MAX = 300;

  private final int port;
  private final String path;
  private final Deque<Socket> open = new ArrayDeque<>();

  Newcomers(int port, String path) {
    this.port = port;
    this.path = path;
  }

  /** Opens sessions; returns when the time is over. */
  void come(int perSecond, double seconds) {
    long start = System.nanoTime();
    for (int i = 0; i < perSecond * seconds; i++) {
      long due = start + (long) (i * 1e9 / perSecond);
      try {
        TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
        open.add(
            RawRequest.of("GET", port, path + "/" + UUID.randomUUID())
                .from(ADDRESS)
                .header("Host", "bridge.example")
                .header("Accept", "text/event-stream")
                .open());
      } catch (IOException refused) {
        continue;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (open.size() > MAX) {
        Network.close(open.remove());
      }
    }
  }

  @Override
  public void close() {
    open.forEach(Network::close);
  }
}
