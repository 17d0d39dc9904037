package cablestream.standalone.server;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
    Object network();

    /** What the head that has come so far takes, in bytes; called under a lock. */
    long headBytes();

    /** Whether a request is being answered on it, or it is over; called under a lock. */
    boolean isBusy();

    /** Ends it, now. */
    void cut();
  }

  /** Those of one network, in the order since when they are idle. */
  private static final class Network {
    private final Map<Connection, Long> held = new LinkedHashMap<>();
    private long total;

    private void put(Connection connection, long bytes) {
      Long before = held.put(connection, bytes);
      total += bytes - (before == null ? 0 : before);
    }

    private void remove(Connection connection) {
      Long before = held.remove(connection);
      total -= before == null ? 0 : before;
    }
  }

  private final long most;
  private final Map<Object, Network> networks = new HashMap<>();
  private long total;
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
        change(connection, network -> network.remove(connection));
      } else {
        long bytes = EACH + connection.headBytes();
        change(connection, network -> network.put(connection, bytes));
      }
      while (total > most) {
        Connection longest = longest();
        change(longest, network -> network.remove(longest));
        tooMuch.add(longest);
      }
      count(tooMuch.size());
    }
    tooMuch.forEach(Connection::cut);
  }

  private void change(Connection connection, Consumer<Network> change) {
    Network network = networks.computeIfAbsent(connection.network(), any -> new Network());
    total -= network.total;
    change.accept(network);
    total += network.total;
    if (network.held.isEmpty()) {
      networks.remove(connection.network());
    }
  }

  /** Of the network that holds most; there is one. */
  private Connection longest() {
    return Collections.max(networks.values(), Comparator.comparingLong(network -> network.total))
        .held
        .keySet()
        .iterator()
        .next();
  }

  private void count(int connections) {
    cut += connections;
    if (connections > 0 && System.nanoTime() - told >= QUIET_NANOS) {
      told = System.nanoTime();
      LOG.warn("event=idle_connections_cut bytes={} connections={}", most, size());
    }
  }

  /** How many there are. */
  synchronized int size() {
    return networks.values().stream().mapToInt(network -> network.held.size()).sum();
  }

  /** What they hold, in bytes. */
  synchronized long bytes() {
    return total;
  }

  /** How many were ended, since the start. */
  synchronized long cut() {
    return cut;
  }
}
