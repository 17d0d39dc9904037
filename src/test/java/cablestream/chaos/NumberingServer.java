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
 * An Action Cable server that numbers what it sends to each session, writes down what it is asked
 * to do, and ends its connections in all the ways there are.
 */
final class NumberingServer implements AutoCloseable {
  /** Small, so that little is on its way when a cable breaks. */
  private static final int SEND_BUFFER = 64 * 1024;

  /** What becomes of a new connection. */
  enum Reception {
    WELCOME,
    /** Its upgrade is answered with 404. */
    REFUSED,
    CLOSED,
    /** It waits until connections are met otherwise. */
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

  /** How many times it was deployed; connections of former times are sent away. */
  private volatile int deployment;

  /** Who authenticates connections; null where that takes no time. */
  private volatile Semaphore workers;

  private volatile int workMillis;

  /** Messages a second to all sessions, about. */
  private volatile double rate;

  /** How long a session hears nothing, at most, however long the burst before was. */
  private volatile long longestPauseMillis = Long.MAX_VALUE;

  /** Whether messages come one by one. */
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
   * Changes the flow, in which nobody has to wait longer than a second from now on.
   *
   * @param perSecond messages to all sessions, about
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

  /** How connections are met from now on. */
  synchronized void meet(Reception how) {
    reception = how;
    notifyAll();
  }

  /** How a connection is met, once it is known. */
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

  /** Cuts all connections that are open. */
  void cut() {
    cables.forEach(NumberingCable::cut);
  }

  /**
   * Authenticating takes so long from now on, also for connections that have been given up
   * meanwhile.
   *
   * @param many how many it does at once
   */
  void authenticateSlowly(int many, int millis) {
    workMillis = millis;
    workers = new Semaphore(many, true);
  }

  /** Returns when a connection's turn has come, and its time has passed. */
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

  /** Sends all connections away as a Rails does that is deployed anew. */
  void deploy() {
    deployment++;
  }

  int deployment() {
    return deployment;
  }

  /** Is gone until {@link #rise}. */
  void fall() {
    close();
  }

  void rise() {
    listen(port());
  }

  /** Messages so far, over all sessions. */
  long sent() {
    return sent.get();
  }

  /** One more message is given to a socket. */
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
