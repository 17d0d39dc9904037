package cablestream.hardening;

import cablestream.support.RawWebSocketServer;
import cablestream.support.RawWebSocketServer.Peer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An Action Cable server that behaves correctly except for sessions whose query names an attack. It
 * refuses foreign origins as Rails does, and records requests and commands.
 */
final class CableServer implements AutoCloseable {
  private static final long PING_MILLIS = 1_000;

  /** What a hostile server does on a connection whose upgrade request has been read. */
  interface Behaviour {
    void on(Peer peer) throws IOException;
  }

  private final RawWebSocketServer listener;
  private final Map<String, Behaviour> attacks = new ConcurrentHashMap<>();
  private final Set<CableSession> sessions = ConcurrentHashMap.newKeySet();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> commands = new CopyOnWriteArrayList<>();

  private final boolean remembers;

  /** Runs {@code connect} for one connection at a time, in the order of arrival. */
  private final ReentrantLock worker = new ReentrantLock(true);

  private volatile Duration connect = Duration.ZERO;
  private volatile boolean closed;

  CableServer() {
    this(true);
  }

  /** A server that records nothing, for tests that send more than this process could keep. */
  static CableServer forgetful() {
    return new CableServer(false);
  }

  private CableServer(boolean remembers) {
    this.remembers = remembers;
    try {
      listener = new RawWebSocketServer();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    start("cable-server", this::accept);
    start("cable-server-pings", this::ping);
  }

  static void start(String name, Runnable task) {
    Thread thread = new Thread(null, task, name, 256 * 1024);
    thread.setDaemon(true);
    thread.start();
  }

  URI url() {
    return listener.url();
  }

  /** From now on connections with {@code attack=NAME} in their query are treated so. */
  void attack(String name, Behaviour attack) {
    attacks.put(name, attack);
  }

  /**
   * From now on welcomes one connection at a time, even those that have been closed meanwhile.
   *
   * @param each the time for one connection
   */
  void welcomesSlowly(Duration each) {
    connect = each;
  }

  /** Cuts all open connections. */
  void losesAll() {
    sessions.forEach(CableSession::cut);
  }

  /** The heads of all upgrade requests that contain this text. */
  List<String> requests(String mark) {
    return requests.stream().filter(request -> request.contains(mark)).toList();
  }

  /** All received commands that contain this text. */
  List<String> commands(String mark) {
    return commands.stream().filter(command -> command.contains(mark)).toList();
  }

  /** The number of open connections that aren't attacked. */
  int open() {
    return sessions.size();
  }

  private void accept() {
    while (!closed) {
      try {
        Peer peer = listener.accept().patience(Duration.ZERO);
        if (remembers) {
          requests.add(peer.request());
        }
        start("cable", () -> meet(peer));
      } catch (IOException e) {
        // That connection has been closed already.
      }
    }
  }

  private void meet(Peer peer) {
    try (peer) {
      Behaviour attack = attack(peer.request());
      if (attack != null) {
        attack.on(peer);
      } else if (isAllowed(peer)) {
        behave(peer);
      } else {
        peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      }
    } catch (IOException e) {
      // The bridge has closed the connection.
    }
  }

  private Behaviour attack(String request) {
    String target = request.lines().findFirst().orElse("");
    return attacks.entrySet().stream()
        .filter(entry -> target.matches(".*attack=" + entry.getKey() + "[ &].*"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  /** As Rails does with {@code allow_same_origin_as_host}. */
  private static boolean isAllowed(Peer peer) {
    return peer.header("Origin")
        .equals(peer.header("X-Forwarded-Proto") + "://" + peer.header("Host"));
  }

  private void behave(Peer peer) throws IOException {
    CableSession session = new CableSession(peer);
    peer.upgrade();
    worker.lock();
    try {
      Thread.sleep(connect.toMillis());
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    } finally {
      worker.unlock();
    }
    session.welcome();
    sessions.add(session);
    try {
      session.obey(remembers ? commands::add : ignored -> {});
    } finally {
      sessions.remove(session);
    }
  }

  /** Accepts no further connection, and sends nothing on the open ones. */
  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void ping() {
    while (!closed) {
      try {
        Thread.sleep(PING_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      sessions.forEach(CableSession::ping);
    }
  }
}
