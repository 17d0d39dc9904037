package cablestream.cable.jetty;

import cablestream.concurrent.BoundedMap;
import cablestream.concurrent.Timers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Moves those of the server's addresses that don't answer to the end: each costs a dial the whole
 * time to connect, and without this memory it would cost every dial that time. Once a minute one
 * dial tries such an address in its own place again. Any thread.
 *
 * <p>An address that refuses connections isn't remembered, since it costs no time; nor is one whose
 * server accepts a connection and stays silent.
 */
final class JettyAddressOrder implements SocketAddressResolver {
  private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

  /** More than a name has; a name server may return others each time. */
  private static final int MAX = 64;

  private final SocketAddressResolver resolver;
  private final Timers timers;

  /** When each may be tried in its own place again. Guarded by itself. */
  private final Map<SocketAddress, Long> silent = BoundedMap.byAge(MAX);

  /**
   * @param resolver resolves the server's name
   */
  JettyAddressOrder(SocketAddressResolver resolver, Timers timers) {
    this.resolver = resolver;
    this.timers = timers;
  }

  @Override
  public void resolve(
      String host,
      int port,
      Map<String, Object> context,
      Promise<List<InetSocketAddress>> promise) {
    resolver.resolve(
        host,
        port,
        context,
        new Promise.Wrapper<>(promise) {
          @Override
          public void succeeded(List<InetSocketAddress> addresses) {
            super.succeeded(inOrder(addresses));
          }
        });
  }

  /** The same addresses, the silent ones after the others. */
  List<InetSocketAddress> inOrder(List<InetSocketAddress> addresses) {
    List<InetSocketAddress> first = new ArrayList<>();
    List<InetSocketAddress> last = new ArrayList<>();
    synchronized (silent) {
      for (InetSocketAddress address : addresses) {
        (isToBeSpared(address) ? last : first).add(address);
      }
    }
    first.addAll(last);
    return first;
  }

  private boolean isToBeSpared(InetSocketAddress address) {
    Long again = silent.get(address);
    if (again == null) {
      return false;
    }
    boolean spared = again - timers.nanoTime() > 0;
    if (!spared) {
      silent.put(
          address, timers.nanoTime() + PAUSE_NANOS); // for this dial, not for concurrent ones
    }
    return spared;
  }

  void failed(SocketAddress address, Throwable failure) {
    if (failure instanceof SocketTimeoutException) {
      synchronized (silent) {
        silent.put(address, timers.nanoTime() + PAUSE_NANOS);
      }
    }
  }

  void reached(SocketAddress address) {
    synchronized (silent) {
      silent.remove(address);
    }
  }

  /** A connector that reports how its connections begin. */
  ClientConnector connector() {
    return new ClientConnector() {
      @Override
      protected void connectFailed(
          SelectableChannel channel,
          SocketAddress address,
          Throwable failure,
          Map<String, Object> context) {
        failed(address, failure);
        super.connectFailed(channel, address, failure, context);
      }

      @Override
      protected Connection newConnection(EndPoint endPoint, Map<String, Object> context)
          throws IOException {
        reached(endPoint.getRemoteSocketAddress());
        return super.newConnection(endPoint, context);
      }
    };
  }
}
