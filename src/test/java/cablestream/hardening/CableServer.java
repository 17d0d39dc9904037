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
 * An Action Cable server that behaves, but to the sessions whose query names an attack. It refuses
 * foreign origins as Rails does, and writes down what it was asked.
 */
final class CableServer implements AutoCloseable {
  private static final long PING_MILLIS = 1_000;

  /** What a hostile server does to a connection, whose request has been read. */
  interface Behaviour {
    void on(Peer peer) throws IOException;
  }

  private final RawWebSocketServer listener;
  private final Map<String, Behaviour> attacks = new ConcurrentHashMap<>();
  private final Set<CableSession> sessions = ConcurrentHashMap.newKeySet();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> commands = new CopyOnWriteArrayList<>();

  private final boolean remembers;

  /** Runs {@code connect} for one connection after the other, in the order in which they came. */
  private final ReentrantLock worker = new ReentrantLock(true);

  private volatile Duration connect = Duration.ZERO;
  private volatile boolean closed;

  CableServer() {
    this(true);
  }

  /** One that writes nothing down, as it may be told more than this process could keep. */
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

  /** From now on that is done to whoever has {@code attack=NAME} in its query. */
  void attack(String name, Behaviour attack) {
    attacks.put(name, attack);
  }

  /**
   * From now on it welcomes one connection after the other, whatever has become of them.
   *
   * @param each how long that takes
   */
  void welcomesSlowly(Duration each) {
    connect = each;
  }

  /** Cuts the connections that are open now. */
  void losesAll() {
    sessions.forEach(CableSession::cut);
  }

  /** The heads of all requests for an upgrade that have this in them. */
  List<String> requests(String mark) {
    return requests.stream().filter(request -> request.contains(mark)).toList();
  }

  /** All commands that came and have this in them. */
  List<String> commands(String mark) {
    return commands.stream().filter(command -> command.contains(mark)).toList();
  }

  /** Connections that behave, and are open now. */
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
        // That one has gone again.
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
      // The bridge has left.
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

  /** Lets nobody in any more, and says nothing to those who are there. */
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
