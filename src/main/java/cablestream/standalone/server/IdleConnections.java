package cablestream.standalone.server;

import cablestream.memory.FairShares;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the memory of idle connections: new ones, those kept alive, and those with an incomplete
 * request head. Before they exceed the limit, those of the network that uses most are closed, the
 * longest idle first. So a client that opens thousands, or sends endless heads, loses its own. A
 * normal head takes milliseconds, and a client reopens a connection that was kept alive.
 *
 * <p>A connection only reports what it may have added. All are examined when the sum of the reports
 * could exceed the limit, and leave a quarter of it free. So one examination follows at least that
 * many bytes of reports, whatever clients do. Any thread.
 */
final class IdleConnections {
  /** The heap of one without its buffers, in Jetty; {@code WatchedConnectionTest} measures it. */
  static final long EACH = 4 * 1024;

  /** Together they may use this fraction of the heap. */
  static final int MAX_PART_OF_HEAP = 16;

  private static final Logger LOG = LoggerFactory.getLogger(IdleConnections.class);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** A connection that may be idle. Called by any thread, under a lock. */
  interface Connection {
    /** The network of the client, or of the proxy. */
    String network();

    /** When its last response ended, or otherwise when it was opened; as {@code nanoTime}. */
    long idleSince();

    /** Its memory in bytes; 0 while a request on it is being answered. */
    long idleBytes();

    /** Closes it at once; called without the lock. */
    void cut();
  }

  /** A connection's state when it was examined. */
  private record Idle(Connection connection, long since, long bytes) {}

  private final long max;
  private final Supplier<Stream<Connection>> connections;

  /** Bytes that can be reported before all connections have to be examined. */
  private final AtomicLong room;

  private long loggedAt = System.nanoTime() - QUIET_NANOS;
  private volatile long cut;

  /**
   * @param heap the largest size of the heap, in bytes
   * @param connections all open connections
   */
  IdleConnections(long heap, Supplier<Stream<Connection>> connections) {
    max = heap / MAX_PART_OF_HEAP;
    this.connections = connections;
    room = new AtomicLong(max);
  }

  /** A connection has been opened, has become idle, or has received this much of a head. */
  void grow(long bytes) {
    if (room.addAndGet(-bytes) < 0) {
      excess().forEach(Connection::cut);
    }
  }

  private synchronized List<Connection> excess() {
    long before = room.get();
    if (before >= 0) {
      return List.of(); // another thread has examined them meanwhile
    }
    List<Idle> idle = idle();
    long total = idle.stream().mapToLong(Idle::bytes).sum();
    List<Connection> excess = new ArrayList<>();
    long kept = max - max / 4;
    if (total > kept) {
      FairShares<Connection> shares = new FairShares<>();
      idle.forEach(each -> shares.put(each.connection.network(), each.connection, each.bytes));
      while (shares.total() > kept) {
        excess.add(shares.takeOldest());
      }
      count(excess.size(), shares.size());
      total = shares.total();
    }
    room.addAndGet(max - total - before); // less what was reported meanwhile
    return excess;
  }

  /** The longest idle first. */
  private List<Idle> idle() {
    return connections
        .get()
        .map(each -> new Idle(each, each.idleSince(), each.idleBytes()))
        .filter(each -> each.bytes > 0)
        .sorted(Comparator.comparingLong(Idle::since))
        .toList();
  }

  private void count(int connections, int left) {
    cut += connections;
    if (System.nanoTime() - loggedAt >= QUIET_NANOS) {
      loggedAt = System.nanoTime();
      LOG.warn("event=idle_connections_cut bytes={} connections={}", max, left);
    }
  }

  /** The number of closed ones since the start. */
  long cut() {
    return cut;
  }
}
