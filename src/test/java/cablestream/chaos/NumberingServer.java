package cablestream.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An Action Cable server that numbers the messages of each session, records commands, and ends its
 * connections in all possible ways.
 */
final class NumberingServer implements AutoCloseable {
  /** Small, so that little is on its way when a cable breaks. */
  private static final int SEND_BUFFER = 64 * 1024;

  /** How a new connection is treated. */
  enum Reception {
    WELCOME,
    /** Its upgrade returns 404. */
    REFUSED,
    CLOSED,
    /** It waits until the treatment changes. */
    SILENT
  }

  private volatile ServerSocket listening;
  private final List<Ledger> accounts;
  private final Schedule course;
  private final Faults faults;
  private final Random random;
  private final Set<NumberingCable> cables = ConcurrentHashMap.newKeySet();
  private final AtomicLong sent = new AtomicLong();
  private volatile boolean producing;

  /** Guarded by this. */
  private Reception reception = Reception.WELCOME;

  /** The number of deployments; connections of former deployments are disconnected. */
  private volatile int deployment;

  /** Limits concurrent authentications; null if they take no time. */
  private volatile Semaphore workers;

  private volatile int workMillis;

  /** The approximate number of messages per second to all sessions. */
  private volatile double rate;

  /** The longest pause of a session, however long the burst before was. */
  private volatile long longestPauseMillis = Long.MAX_VALUE;

  /** Whether messages are sent one by one. */
  private volatile boolean steady;

  NumberingServer(List<Ledger> accounts, Schedule course, Random random, Faults faults) {
    this.accounts = accounts;
    this.course = course;
    this.random = random;
    this.faults = faults;
    rate = course.eventsPerSecond();
    listen(0);
  }

  private void listen(int port) {
    try {
      ServerSocket socket = new ServerSocket(port, 1_024, InetAddress.getLoopbackAddress());
      listening = socket;
      start("numbering-server", () -> accept(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void start(String name, Runnable task) {
    Thread thread = new Thread(null, task, name, 256 * 1024);
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Starts or stops the flow of messages; the first message of a life is always sent. */
  void produce(boolean now) {
    producing = now;
  }

  boolean isProducing() {
    return producing;
  }

  /**
   * Changes the flow; from now on no session pauses longer than a second.
   *
   * @param perSecond the approximate number of messages to all sessions
   * @param oneByOne or in bursts, some of them long
   */
  void pace(double perSecond, boolean oneByOne) {
    rate = perSecond;
    steady = oneByOne;
    longestPauseMillis = 1_000;
  }

  long longestPauseMillis() {
    return longestPauseMillis;
  }

  double rate() {
    return rate;
  }

  boolean isSteady() {
    return steady;
  }

  /** How connections are treated from now on. */
  synchronized void meet(Reception how) {
    reception = how;
    notifyAll();
  }

  /** How a connection is treated, once that is known. */
  synchronized Reception reception() {
    try {
      while (reception == Reception.SILENT) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return reception;
  }

  /** Cuts all open connections. */
  void cut() {
    cables.forEach(NumberingCable::cut);
  }

  /**
   * From now on an authentication takes this long, even for connections that have been closed
   * meanwhile.
   *
   * @param many the number of concurrent ones
   */
  void authenticateSlowly(int many, int millis) {
    workMillis = millis;
    workers = new Semaphore(many, true);
  }

  /** Returns when a connection's authentication is complete. */
  void authenticate() {
    Semaphore turns = workers;
    if (turns == null) {
      return;
    }
    turns.acquireUninterruptibly();
    try {
      Thread.sleep(workMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      turns.release();
    }
  }

  /** Disconnects all connections as Rails does when it is redeployed. */
  void deploy() {
    deployment++;
  }

  int deployment() {
    return deployment;
  }

  /** Stops listening until {@link #rise}. */
  void fall() {
    close();
  }

  void rise() {
    listen(port());
  }

  /** The number of messages so far, of all sessions. */
  long sent() {
    return sent.get();
  }

  /** A further message is written to a socket. */
  void count() {
    sent.incrementAndGet();
  }

  Ledger account(int session) {
    return accounts.get(session);
  }

  Schedule course() {
    return course;
  }

  Faults faults() {
    return faults;
  }

  void left(NumberingCable cable) {
    cables.remove(cable);
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }

  private void accept(ServerSocket listener) {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        socket.setSendBufferSize(SEND_BUFFER);
        NumberingCable cable = new NumberingCable(this, socket, new Random(random.nextLong()));
        cables.add(cable);
        cable.start();
      } catch (IOException e) {
        // Closed.
      }
    }
  }
}
