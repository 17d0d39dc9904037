package cablestream.standalone.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP proxy with simulated network faults, between a browser and the bridge of the demonstration.
 * It forwards bytes on one daemon thread of its own, {@code cablestream-hop}.
 *
 * <p>While its network is cut it forwards no byte in either direction, and connections stay open,
 * as when a cable is pulled. Afterwards, earlier connections are reset and those made meanwhile
 * continue, as when a computer has changed its network. Requests to {@link #CONTROL} are forwarded
 * nevertheless, so that the page can show what happens. Their responses close the connection, so
 * that no other request follows on it.
 */
public final class Hop implements AutoCloseable {
  /** The end of the path of requests without faults. */
  static final String CONTROL = "/-/demo/control";

  private static final Logger LOG = LoggerFactory.getLogger(Hop.class);

  /** Enough for some ten browsers; further connections are closed. */
  private static final int MAX_LINKS = 256;

  private static final int BACKLOG = 128;
  private static final long LOOK_MILLIS = 50;
  private static final long STOP_MILLIS = 2_000;

  private final InetSocketAddress target;
  private final ServerSocketChannel listening = ServerSocketChannel.open();
  private final Selector selector = Selector.open();
  private final Thread thread = new Thread(this::run, "cablestream-hop");

  /** On the thread only. */
  private final Set<HopLink> links = new LinkedHashSet<>();

  /** On the thread only: whether the network was cut in the previous turn. */
  private boolean wasCut;

  private volatile long cutUntil = System.nanoTime();
  private volatile long killUntil = System.nanoTime();

  /**
   * Starts to listen.
   *
   * @param address for browsers; port 0 for any free port
   * @param target the bridge's address
   * @throws IOException if it can't listen
   */
  public Hop(InetSocketAddress address, InetSocketAddress target) throws IOException {
    this.target = target;
    try {
      listening.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listening.bind(address, BACKLOG).configureBlocking(false);
      listening.register(selector, SelectionKey.OP_ACCEPT);
    } catch (IOException e) {
      listening.close();
      selector.close();
      throw e;
    }
    thread.setDaemon(true);
    thread.start();
  }

  public int port() {
    return listening.socket().getLocalPort();
  }

  /** Forwards nothing for this time. Any thread, as all following methods. */
  void cut(Duration time) {
    cutUntil = System.nanoTime() + time.toNanos();
    selector.wakeup();
  }

  /** Resets all WebSockets, including those opened within this time. */
  void killWebSockets(Duration time) {
    killUntil = System.nanoTime() + time.toNanos();
    selector.wakeup();
  }

  /** How long the network is still cut, in milliseconds. */
  long cutMillis() {
    return millisUntil(cutUntil);
  }

  /** How long WebSockets are still reset, in milliseconds. */
  long killMillis() {
    return millisUntil(killUntil);
  }

  private static long millisUntil(long nanoTime) {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(nanoTime - System.nanoTime()));
  }

  private void run() {
    try {
      while (selector.isOpen()) {
        selector.select(LOOK_MILLIS);
        if (selector.isOpen()) {
          turn();
        }
      }
    } catch (IOException e) {
      LOG.warn("the demonstration's network has failed for good: start it again");
    } finally {
      links.forEach(HopLink::close);
    }
  }

  private void turn() throws IOException {
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.attachment() instanceof HopLink link) {
        link.move(key);
      } else {
        accept();
      }
    }
    selector.selectedKeys().clear();
    boolean cut = cutMillis() > 0;
    if (cut && !wasCut) {
      links.forEach(HopLink::markCut);
    } else if (wasCut && !cut) {
      links.forEach(HopLink::resetIfCut);
    }
    wasCut = cut;
    boolean kills = killMillis() > 0;
    for (HopLink link : List.copyOf(links)) {
      if (kills && link.isWebSocket()) {
        link.reset();
      }
      if (!link.settle(cut)) {
        links.remove(link);
      }
    }
  }

  private void accept() throws IOException {
    SocketChannel client = listening.accept();
    if (client == null) {
      return;
    }
    SocketChannel server = null;
    try {
      if (links.size() < MAX_LINKS) {
        server = SocketChannel.open(target);
        links.add(new HopLink(client, server, selector));
        return;
      }
    } catch (IOException e) {
      // The client's connection is closed: the bridge can't be reached.
    }
    client.close();
    if (server != null) {
      server.close();
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
      selector.close();
      thread.join(STOP_MILLIS);
    } catch (IOException e) {
      // The process is ending.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
