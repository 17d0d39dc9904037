package cablestream.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy in front of a port of this machine, which can be slow, silent or cut for a while. Two
 * threads for each connection.
 */
final class Passage implements AutoCloseable {
  /** How arriving bytes are treated. */
  enum State {
    OPEN,
    /** They are passed on later than a node's timeout for its store. */
    SLOW,
    /** They are passed on when the passage is open again. */
    SILENT,
    /** Connections are reset, including new ones. */
    CUT
  }

  private static final int SLOW_MILLIS = 1_100;

  private final ServerSocket listening;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Guarded by this. */
  private State state = State.OPEN;

  /**
   * @param port where it listens
   * @param target the port behind it
   */
  Passage(int port, int target) {
    this.target = target;
    try {
      listening = new ServerSocket(port, 1_024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    NumberingServer.start("passage", this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  void become(State now) {
    synchronized (this) {
      state = now;
      notifyAll();
    }
    if (now == State.CUT) {
      sockets.forEach(Passage::reset);
    }
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket near = listening.accept();
        if (isCut()) {
          reset(near);
        } else {
          connect(near);
        }
      } catch (IOException e) {
        // It is closed, or nothing listens behind it.
      }
    }
  }

  private synchronized boolean isCut() {
    return state == State.CUT;
  }

  private void connect(Socket near) throws IOException {
    try {
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      far.setTcpNoDelay(true);
      near.setTcpNoDelay(true);
      sockets.add(near);
      sockets.add(far);
      NumberingServer.start("passage-there", () -> pass(near, far));
      NumberingServer.start("passage-back", () -> pass(far, near));
    } catch (IOException e) {
      reset(near);
      throw e;
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[8 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hold();
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // One of its ends has closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      forget(from);
      forget(to);
    }
  }

  /** Waits while the state requires it. */
  private synchronized void hold() throws InterruptedException {
    long until = System.nanoTime() + SLOW_MILLIS * 1_000_000L;
    while (state == State.SILENT) {
      wait();
    }
    while (state == State.SLOW && System.nanoTime() < until) {
      wait(Math.max(1, (until - System.nanoTime()) / 1_000_000));
    }
  }

  private void forget(Socket socket) {
    sockets.remove(socket);
    Network.close(socket);
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already.
    }
    Network.close(socket);
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    become(State.CUT);
  }
}
