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
import java.util.concurrent.atomic.AtomicLong;

/**
 * An ActionCable server that numbers what it sends to each session, writes down what it is asked to
 * do, and ends its connections in all the ways there are.
 */
final class NumberingServer implements AutoCloseable {
  /** Small, so that little is on its way when a cable breaks. */
  private static final int SEND_BUFFER = 64 * 1024;

  private final ServerSocket listening;
  private final List<Ledger> accounts;
  private final Schedule course;
  private final Faults faults;
  private final Random random;
  private final Set<NumberingCable> cables = ConcurrentHashMap.newKeySet();
  private final AtomicLong sent = new AtomicLong();
  private volatile boolean producing;
  private volatile boolean closed;

  NumberingServer(List<Ledger> accounts, Schedule course, Random random, Faults faults) {
    this.accounts = accounts;
    this.course = course;
    this.random = random;
    this.faults = faults;
    try {
      listening = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("numbering-server", this::accept);
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
    closed = true;
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cables.forEach(NumberingCable::cut);
  }

  private void accept() {
    while (!closed) {
      try {
        Socket socket = listening.accept();
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
