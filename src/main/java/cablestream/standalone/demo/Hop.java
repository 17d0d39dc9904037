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
 * A TCP proxy whose network can be made to fail, between a browser and the bridge of the
 * demonstration. It forwards bytes on one thread of its own, {@code cablestream-hop}, a daemon.
 *
 * <p>While its network is cut no byte is forwarded, in either direction, and connections stay open,
 * as when a cable is pulled. When it is back, those from before are reset and those that were made
 * meanwhile go on, as when a computer has changed from one network to another. Requests to {@link
 * #CONTROL} get through nevertheless: by them the page sees what happens meanwhile. Their answers
 * close the connection, so that nothing else follows on it.
 */
public final class Hop implements AutoCloseable {
  /** The end of the path of requests that no fault concerns. */
  static final String CONTROL = "/-/demo/control";

  private static final Logger LOG = LoggerFactory.getLogger(Hop.class);

  /** Of some ten browsers; those that come when there are as many are closed. */
  private static final int MAX_LINKS = 256;

  private static final int BACKLOG = 128;
  private static final long LOOK_MILLIS = 50;
  private static final long STOP_MILLIS = 2_000;

  private final InetSocketAddress target;
  private final ServerSocketChannel listening = ServerSocketChannel.open();
  private final Selector selector = Selector.open();
  private final Thread thread = new Thread(this::run, "cablestream-hop");

  /** On the thread alone. */
  private final Set<HopLink> links = new LinkedHashSet<>();

  /** On the thread alone: whether the network was cut in the turn before. */
  private boolean wasCut;

  private volatile long cutUntil = System.nanoTime();
  private volatile long killUntil = System.nanoTime();

  /**
   * Listens, and accepts from now on.
   *
   * @param address where browsers come; port 0 for any that is free
   * @param target where the bridge listens
   * @throws IOException where it can't listen
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

  /** Forwards nothing for so long. Any thread, as all that follows. */
  void cut(Duration time) {
    cutUntil = System.nanoTime() + time.toNanos();
    selector.wakeup();
  }

  /** Resets all WebSockets, and those that are opened within that time. */
  void killWebSockets(Duration time) {
    killUntil = System.nanoTime() + time.toNanos();
    selector.wakeup();
  }

  /** How long the network is still cut, in milliseconds. */
  long cutMillis() {
    return millisUntil(cutUntil);
  }

  /** How long WebSockets are still killed, in milliseconds. */
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
      links.forEach(HopLink::doom);
    } else if (wasCut && !cut) {
      links.forEach(HopLink::resetDoomed);
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
      // The client is closed, as by a network that leads nowhere.
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
      // What is left ends with the process.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
