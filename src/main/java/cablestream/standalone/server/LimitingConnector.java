package cablestream.standalone.server;

import cablestream.concurrent.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts failures to accept a connection, usually for lack of file descriptors; the connections
 * wait in the backlog meanwhile. Limits idle connections, and closes a WebSocket that sends too
 * much. Any thread.
 */
final class LimitingConnector extends ServerConnector {
  private static final Logger LOG = LoggerFactory.getLogger(LimitingConnector.class);

  /**
   * What a client may send through a WebSocket, in bytes: a test of the diagnosis page, which sends
   * one frame. Jetty reads a connection on one thread for as long as it has data, and there are few
   * threads: twenty such clients would block all others.
   */
  static final int MAX_WEBSOCKET_BYTES = 64 * 1024;

  private static final long PAUSE_MILLIS = 100;
  private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final IdleConnections idle;
  private final long maxWebSocketBytes;
  private final AtomicLong failures = new AtomicLong();
  private volatile long latest = System.nanoTime() - RECENT_NANOS;
  private long loggedAt = System.nanoTime() - QUIET_NANOS;

  /**
   * One thread accepts connections.
   *
   * @param selectors the number of selecting threads
   * @param heap the largest size of the heap, in bytes
   * @param maxWebSocketBytes what a client may send through a WebSocket
   */
  LimitingConnector(
      Server server, int selectors, HttpConfiguration http, long heap, long maxWebSocketBytes) {
    super(server, 1, selectors, WatchedConnection.factory(http));
    this.maxWebSocketBytes = maxWebSocketBytes;
    idle = new IdleConnections(heap, this::connections);
  }

  /** The open connections that serve HTTP. */
  Stream<IdleConnections.Connection> connections() {
    return getConnectedEndPoints().stream()
        .filter(EndPoint::isOpen)
        .map(EndPoint::getConnection)
        .filter(IdleConnections.Connection.class::isInstance)
        .map(IdleConnections.Connection.class::cast);
  }

  IdleConnections idle() {
    return idle;
  }

  /** The failed attempts since the start. */
  long failures() {
    return failures.get();
  }

  /** Whether connections wait that can't be accepted. */
  boolean isFailing() {
    return System.nanoTime() - latest < RECENT_NANOS;
  }

  /**
   * An explanation of the usual failure; for others only the class, as foreign texts are never
   * logged.
   */
  private static String words(Throwable failure) {
    return Fault.isOutOfDescriptors(failure) ? Fault.OUT_OF_DESCRIPTORS : Fault.kind(failure);
  }

  @Override
  protected SocketChannelEndPoint newEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key) {
    SocketChannelEndPoint endPoint =
        new SocketChannelEndPoint(channel, selector, key, getScheduler()) {
          private long webSocketBytes;

          @Override
          public int fill(ByteBuffer buffer) throws IOException {
            int filled = super.fill(buffer);
            if (getConnection() instanceof WatchedConnection http) {
              http.filled(filled);
            } else if (filled > 0) {
              webSocketBytes += filled;
              if (webSocketBytes > maxWebSocketBytes) {
                close();
                return -1;
              }
            }
            return filled;
          }
        };
    endPoint.setIdleTimeout(getIdleTimeout());
    return endPoint;
  }

  /** True unless the server stops. On the accepting thread, which nothing else may end. */
  @Override
  protected boolean handleAcceptFailure(Throwable failure) {
    if (!isRunning() || failure instanceof ClosedChannelException) {
      return false; // the server stops
    }
    failures.incrementAndGet();
    latest = System.nanoTime();
    if (latest - loggedAt >= QUIET_NANOS) {
      loggedAt = latest;
      LOG.warn("event=accept_failed failures={} error=\"{}\"", failures, words(failure));
    }
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      return isRunning();
    }
    return true;
  }
}
