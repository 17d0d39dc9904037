package cablestream.standalone.server;

import cablestream.memory.FairShares;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections on which nothing is being done: new ones, those kept alive, and those whose
 * request's head hasn't come as a whole. What they hold in the heap is bounded: where there is too
 * much of it, those of the network that holds most end, the longest idle first. So whoever opens
 * thousands, or sends heads without an end, ends their own; a head takes milliseconds otherwise,
 * and a connection that was kept alive is opened again. Any thread.
 */
final class IdleConnections {
  /** One of them: what Jetty keeps, its buffers aside; {@code WatchedConnectionTest} weighs it. */
  static final long EACH = 4 * 1024;

  /** What all of them may hold: this part of the heap. */
  static final int MAX_PART_OF_HEAP = 16;

  private static final Logger LOG = LoggerFactory.getLogger(IdleConnections.class);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** What may be idle. */
  interface Connection {
    /** The client's network, or the proxy's; always the same of one connection. */
    String network();

    /** What the head that has come so far takes, in bytes; called under a lock. */
    long headBytes();

    /** Whether a request is being answered on it, or it is over; called under a lock. */
    boolean isBusy();

    /** Ends it, now. */
    void cut();
  }

  private final long most;
  private final FairShares<Connection> held = new FairShares<>();
  private long cut;
  private long told = System.nanoTime() - QUIET_NANOS;

  /**
   * @param heap the most that it may be, in bytes
   */
  IdleConnections(long heap) {
    most = heap / MAX_PART_OF_HEAP;
  }

  /** It may hold more than it did. */
  void look(Connection connection) {
    look(connection, () -> {});
  }

  /**
   * It has become idle, or busy, or is over.
   *
   * @param becoming what makes it so; called under a lock
   */
  void look(Connection connection, Runnable becoming) {
    List<Connection> tooMuch = new ArrayList<>();
    synchronized (this) {
      becoming.run();
      if (connection.isBusy()) {
        held.remove(connection.network(), connection);
      } else {
        held.put(connection.network(), connection, EACH + connection.headBytes());
      }
      while (held.total() > most) {
        tooMuch.add(held.takeOldest());
      }
      count(tooMuch.size());
    }
    tooMuch.forEach(Connection::cut);
  }

  private void count(int connections) {
    cut += connections;
    if (connections > 0 && System.nanoTime() - told >= QUIET_NANOS) {
      told = System.nanoTime();
      LOG.warn("event=idle_connections_cut bytes={} connections={}", most, size());
    }
  }

  /** How many there are. */
  int size() {
    return held.size();
  }

  /** What they hold, in bytes. */
  long bytes() {
    return held.total();
  }

  /** How many were ended, since the start. */
  synchronized long cut() {
    return cut;
  }
}
