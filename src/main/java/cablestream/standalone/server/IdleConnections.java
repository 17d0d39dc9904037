package cablestream.standalone.server;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections on which nothing is being done: new ones, those kept alive, and those whose
 * request's head hasn't come as a whole. What they hold in the heap is bounded: where there is too
 * much of it, those end that have been so for longest. So whoever opens thousands, or sends heads
 * without an end, ends their own first; a head takes milliseconds otherwise, and a connection that
 * was kept alive is opened again. Any thread.
 */
final class IdleConnections {
  /** One of them: what Jetty keeps, its buffers aside; {@code IdleConnectionsIT} weighs it. */
  static final long EACH = 4 * 1024;

  /** What all of them may hold: this part of the heap. */
  static final int MOST_PART_OF_HEAP = 16;

  private static final Logger LOG = LoggerFactory.getLogger(IdleConnections.class);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** What may be idle. */
  interface Connection {
    /** What the head that has come so far takes, in bytes; called under a lock. */
    long headBytes();

    /** Whether a request is being answered on it, or it is over; called under a lock. */
    boolean isBusy();

    /** Ends it, now. */
    void cut();
  }

  private final long most;

  /** Since when they are idle is the order. */
  private final Map<Connection, Long> held = new LinkedHashMap<>();

  private long total;
  private long cut;
  private long told = System.nanoTime() - QUIET_NANOS;

  /**
   * @param heap the most that it may be, in bytes
   */
  IdleConnections(long heap) {
    most = heap / MOST_PART_OF_HEAP;
  }

  /** It may have become idle, or may hold more than it did. */
  void look(Connection connection) {
    List<Connection> tooMuch;
    synchronized (this) {
      if (connection.isBusy()) {
        return;
      }
      long bytes = EACH + connection.headBytes();
      Long before = held.put(connection, bytes);
      total += bytes - (before == null ? 0 : before);
      tooMuch = longest();
    }
    tooMuch.forEach(Connection::cut);
  }

  private List<Connection> longest() {
    List<Connection> longest = new ArrayList<>();
    Iterator<Map.Entry<Connection, Long>> all = held.entrySet().iterator();
    while (total > most && all.hasNext()) {
      Map.Entry<Connection, Long> next = all.next();
      total -= next.getValue();
      longest.add(next.getKey());
      all.remove();
    }
    cut += longest.size();
    if (!longest.isEmpty() && System.nanoTime() - told >= QUIET_NANOS) {
      told = System.nanoTime();
      LOG.warn("event=idle_connections_cut bytes={} connections={}", most, held.size());
    }
    return longest;
  }

  /**
   * It isn't idle any more.
   *
   * @param becoming what makes it {@linkplain Connection#isBusy busy}
   */
  synchronized void leave(Connection connection, Runnable becoming) {
    becoming.run();
    Long before = held.remove(connection);
    total -= before == null ? 0 : before;
  }

  /** How many there are. */
  synchronized int size() {
    return held.size();
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
