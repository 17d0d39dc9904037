package cablestream.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Forwards TCP connections to a port of this machine, with the planned faults, all on one thread.
 */
final class FaultProxy implements AutoCloseable {
  /** Small, so that a writer soon notices a reader that has stopped. */
  private static final int SOCKET_BUFFER = 16 * 1024;

  private final ServerSocketChannel listening;
  private final Selector selector;
  private final List<Integer> targets;
  private final FaultPlan.Planner planner;
  private final Random random;
  private final Faults faults;
  private final Thread thread;
  private final PriorityQueue<Due> timers = new PriorityQueue<>();
  private volatile boolean closed;
  private boolean calm;
  private int turn;

  private record Due(long nanos, Runnable task) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return Long.compare(nanos, other.nanos);
    }
  }

  FaultProxy(String name, int target, FaultPlan.Planner planner, Random random, Faults faults) {
    this(name, List.of(target), planner, random, faults);
  }

  /**
   * @param targets each connection goes to the next one of them that accepts it
   */
  FaultProxy(
      String name, List<Integer> targets, FaultPlan.Planner planner, Random random, Faults faults) {
    this.targets = targets;
    this.planner = planner;
    this.random = random;
    this.faults = faults;
    try {
      selector = Selector.open();
      listening = ServerSocketChannel.open();
      listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
      listening.configureBlocking(false);
      listening.register(selector, SelectionKey.OP_ACCEPT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listening.socket().getLocalPort();
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- on the proxy's thread ----

  Random random() {
    return random;
  }

  Selector selector() {
    return selector;
  }

  /** Whether no further faults occur. */
  boolean isCalm() {
    return faults.isCalm();
  }

  void happened(FaultKind kind) {
    faults.happened(kind);
  }

  void after(long nanos, Runnable task) {
    timers.add(new Due(System.nanoTime() + nanos, task));
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(this::handle, untilNextTimer());
        for (Due due = next(); due != null; due = next()) {
          due.task.run();
        }
        if (!calm && faults.isCalm()) {
          calm = true;
          links(FaultLink::calmDown);
        }
      }
      links(FaultLink::reset);
      listening.close();
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long untilNextTimer() {
    Due first = timers.peek();
    if (first == null) {
      return 100;
    }
    return Math.max(1, Math.min(100, (first.nanos - System.nanoTime()) / 1_000_000));
  }

  private Due next() {
    Due first = timers.peek();
    return first != null && first.nanos <= System.nanoTime() ? timers.poll() : null;
  }

  private void links(Consumer<FaultLink> action) {
    for (SelectionKey key : List.copyOf(selector.keys())) {
      if (key.attachment() instanceof FaultLink link) {
        action.accept(link);
      }
    }
  }

  private void handle(SelectionKey key) {
    try {
      if (key.attachment() instanceof FaultLink link) {
        link.pump();
      } else {
        accept();
      }
    } catch (CancelledKeyException closedMeanwhile) {
      // A fault of its other half has reset its link.
    }
  }

  private void accept() {
    try {
      for (SocketChannel near = listening.accept(); near != null; near = listening.accept()) {
        connect(near);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void connect(SocketChannel near) throws IOException {
    SocketChannel far = connect();
    if (far == null) {
      reset(near);
      return;
    }
    near.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER);
    near.setOption(StandardSocketOptions.TCP_NODELAY, true);
    far.setOption(StandardSocketOptions.TCP_NODELAY, true);
    near.configureBlocking(false);
    far.configureBlocking(false);
    FaultPlan plan = planner.next(random);
    new FaultLink(this, near, far, faults.isCalm() ? FaultPlan.NONE : plan).pump();
  }

  /** Null if none accepts it. */
  private SocketChannel connect() throws IOException {
    for (int i = 0; i < targets.size(); i++) {
      int target = targets.get(turn++ % targets.size());
      SocketChannel far = SocketChannel.open();
      try {
        far.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
        far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        return far;
      } catch (IOException refused) {
        reset(far);
      }
    }
    return null;
  }

  static void reset(SocketChannel channel) {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      channel.close();
    } catch (IOException e) {
      // It is closed already.
    }
  }
}
