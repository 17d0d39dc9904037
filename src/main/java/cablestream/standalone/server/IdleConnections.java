package cablestream.standalone.server;

import cablestream.memory.FairShares;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The idle connections: new ones, those kept alive, and those with an incomplete request head.
 * Their memory is bounded: above the limit those of the network that uses most are closed, the
 * longest idle first. So a client that opens thousands, or sends endless heads, loses its own. A
 * normal head takes milliseconds, and a client reopens a connection that was kept alive. Any
 * thread.
 */
final class IdleConnections {
  /** The heap of one without its buffers, in Jetty; {@code WatchedConnectionTest} measures it. */
  static final long EACH = 4 * 1024;

  /** Together they may use this fraction of the heap. */
  static final int MAX_PART_OF_HEAP = 16;

  private static final Logger LOG = LoggerFactory.getLogger(IdleConnections.class);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** A connection that may be idle. */
  interface Connection {
    /** The network of the client, or of the proxy; constant for a connection. */
    String network();

    /** The size of the head received so far, in bytes; called under a lock. */
    long headBytes();

    /**
     * Whether a request on it is being answered, or it has ended; called under a lock, by any
     * thread.
     */
    boolean isBusy();

    /** Closes it at once. */
    void cut();
  }

  private final long most;
  private final FairShares<Connection> held = new FairShares<>();
  private long cut;
  private long loggedAt = System.nanoTime() - QUIET_NANOS;

  /**
   * @param heap the largest size of the heap, in bytes
   */
  IdleConnections(long heap) {
    most = heap / MAX_PART_OF_HEAP;
  }

  /** It has become idle or busy, has ended, or its size may have grown. */
  void look(Connection connection) {
    List<Connection> tooMuch = new ArrayList<>();
    synchronized (this) {
      if (connection.isBusy()) {
        held.remove(connection.network(), connection);
      } else {
        held.put(connection.network(), connection, EACH + connection.headBytes());
      }
      while (held.total() > most) {
        tooMuch.add(held.takeOldest());
      }
      if (!tooMuch.isEmpty()) {
        count(tooMuch.size());
      }
    }
    tooMuch.forEach(Connection::cut);
  }

  private void count(int connections) {
    cut += connections;
    if (System.nanoTime() - loggedAt >= QUIET_NANOS) {
      loggedAt = System.nanoTime();
      LOG.warn("event=idle_connections_cut bytes={} connections={}", most, size());
    }
  }

  /** The number of idle connections. */
  int size() {
    return held.size();
  }

  /** Their memory, in bytes. */
  long bytes() {
    return held.total();
  }

  /** The number of closed ones since the start. */
  synchronized long cut() {
    return cut;
  }
}
