package cablestream.support;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/**
 * An Action Cable server in this process, on a real socket, that does what the test tells it.
 * Untold it behaves as Rails does: it welcomes everybody, confirms every subscription once and
 * pings every 3 s. How it meets a connection is decided when that comes.
 *
 * <pre>
 * try (InProcessActionCable rails = InProcessActionCable.start()) {
 *   … dial rails.url() …
 *   CableServerConnection browser = rails.awaitConnection();
 *   browser.awaitSubscribed("{\"channel\":\"ChatChannel\"}").broadcast(…, "[1, 2]");
 * }
 * </pre>
 */
public final class InProcessActionCable implements AutoCloseable {
  private static final int PING_SECONDS = 3;

  /** Puma takes 80 KiB. */
  private static final int MAX_HEADERS = 80 * 1024;

  /** Its starts and stops say nothing about a test. Kept, since loggers are held weakly. */
  private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

  static {
    JETTY.setLevel(Level.WARNING);
  }

  /** What becomes of an upgrade. */
  private enum Greeting {
    WELCOME,
    UNAUTHORIZED,
    NOTHING,
    REFUSAL
  }

  /** What becomes of a subscribe. */
  enum Answer {
    CONFIRM,
    REJECT,
    NOTHING
  }

  private final Server server;
  private final ServerConnector connector;
  private final String scheme;
  private final ScheduledExecutorService pinger =
      Executors.newSingleThreadScheduledExecutor(InProcessActionCable::daemon);
  private final List<CableServerConnection> connections = new CopyOnWriteArrayList<>();
  private final BlockingQueue<CableServerConnection> arrivals = new LinkedBlockingQueue<>();
  private final List<CableServerConnection> refusals = new CopyOnWriteArrayList<>();
  private volatile Greeting greeting = Greeting.WELCOME;
  private volatile Answer answer = Answer.CONFIRM;
  private volatile boolean pings = true;
  private volatile int status;
  private volatile String location;
  private volatile String protocol = "actioncable-v1-json";

  private InProcessActionCable(SslContextFactory.Server tls) {
    QueuedThreadPool threads = new QueuedThreadPool(16, 2);
    threads.setDaemon(true);
    threads.setName("in-process-action-cable");
    server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(MAX_HEADERS);
    HttpConnectionFactory factory = new HttpConnectionFactory(http);
    connector =
        tls == null
            ? new ServerConnector(server, 1, 1, factory)
            : new ServerConnector(server, 1, 1, new SslConnectionFactory(tls, "http/1.1"), factory);
    scheme = tls == null ? "ws" : "wss";
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(0);
    // As Puma; with fewer a storm of dials would be told by the kernel to come again in a second.
    connector.setAcceptQueueSize(1_024);
    server.addConnector(connector);
    WebSocketUpgradeHandler upgrades =
        WebSocketUpgradeHandler.from(
            server,
            container -> {
              container.setIdleTimeout(java.time.Duration.ZERO);
              container.setMaxTextMessageSize(0);
              container.addMapping(
                  "/cable", (request, response, callback) -> meet(request, response));
            });
    server.setHandler(new Refuser(upgrades));
    pinger.scheduleAtFixedRate(this::ping, PING_SECONDS, PING_SECONDS, TimeUnit.SECONDS);
  }

  /** Starts one on a free port. */
  public static InProcessActionCable start() {
    return start(null);
  }

  /**
   * Starts one on a free port.
   *
   * @param tls what it shows; null: it talks without TLS
   */
  public static InProcessActionCable start(SslContextFactory.Server tls) {
    InProcessActionCable cable = new InProcessActionCable(tls);
    cable.listen();
    return cable;
  }

  public URI url() {
    return URI.create(scheme + "://127.0.0.1:" + connector.getLocalPort() + "/cable");
  }

  // ---- how connections are met from now on ----

  public InProcessActionCable welcomesEverybody() {
    greeting = Greeting.WELCOME;
    return this;
  }

  /** Upgrades, and that is all, as Rails does when {@code connect} raises. */
  public InProcessActionCable saysNothing() {
    greeting = Greeting.NOTHING;
    return this;
  }

  /** Upgrades, disconnects as unauthorized and closes, as Rails does. */
  public InProcessActionCable authorizesNobody() {
    greeting = Greeting.UNAUTHORIZED;
    return this;
  }

  /** Answers the upgrade with this status instead; Rails uses 404 for a wrong origin. */
  public InProcessActionCable refusesWith(int status) {
    greeting = Greeting.REFUSAL;
    this.status = status;
    location = null;
    return this;
  }

  /** Answers the upgrade with 301, as {@code config.force_ssl} does. */
  public InProcessActionCable redirectsTo(String location) {
    refusesWith(301);
    this.location = location;
    return this;
  }

  /**
   * @param protocol the subprotocol to choose; null for none
   */
  public InProcessActionCable chooses(String protocol) {
    this.protocol = protocol;
    return this;
  }

  public InProcessActionCable confirmsSubscriptions() {
    answer = Answer.CONFIRM;
    return this;
  }

  public InProcessActionCable rejectsSubscriptions() {
    answer = Answer.REJECT;
    return this;
  }

  /** As Rails does for an unknown channel, and without its Redis. */
  public InProcessActionCable ignoresSubscriptions() {
    answer = Answer.NOTHING;
    return this;
  }

  public InProcessActionCable sendsNoPings() {
    pings = false;
    return this;
  }

  // ---- what it sees ----

  /** The next connection that nobody has awaited yet; waits up to 10 s for it. */
  public CableServerConnection awaitConnection() {
    try {
      CableServerConnection next = arrivals.poll(10, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("No connection came");
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** All that were upgraded, in order, those that are closed included. */
  public List<CableServerConnection> connections() {
    return List.copyOf(connections);
  }

  /** The upgrades that were refused. */
  public List<CableServerConnection> refusals() {
    return List.copyOf(refusals);
  }

  public long openConnections() {
    return connections.stream().filter(CableServerConnection::isOpen).count();
  }

  /** Sends to everyone who is subscribed. @param message JSON */
  public void broadcast(String identifier, String message) {
    connections.stream()
        .filter(each -> each.isOpen() && each.isSubscribed(identifier))
        .forEach(each -> each.broadcast(identifier, message));
  }

  // ---- what happens to it ----

  /** Says goodbye to all as Rails does when it restarts, and goes on. */
  public void restarts() {
    connections.stream()
        .filter(CableServerConnection::isOpen)
        .forEach(each -> each.disconnect("server_restart", true).close(1000, ""));
  }

  /** Stops listening and cuts all connections; the port stays its own. */
  public void goesDown() {
    connections.stream().filter(CableServerConnection::isOpen).forEach(CableServerConnection::cut);
    try {
      connector.setPort(connector.getLocalPort());
      connector.stop();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Listens again after {@link #goesDown}. Meanwhile another process may have been given the port
   * for an outgoing connection; those are short.
   */
  public void comesBack() {
    Awaitility.await().atMost(Duration.ofSeconds(15)).ignoreExceptions().until(this::listensAgain);
  }

  private boolean listensAgain() throws Exception {
    connector.start();
    return true;
  }

  @Override
  public void close() {
    pinger.shutdownNow();
    try {
      server.stop();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  Answer answer() {
    return answer;
  }

  private void listen() {
    try {
      server.start();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private CableServerConnection meet(ServerUpgradeRequest request, ServerUpgradeResponse response) {
    if (protocol != null && request.hasSubProtocol(protocol)) {
      response.setAcceptedSubProtocol(protocol);
    }
    return new CableServerConnection(this, request);
  }

  /** The upgrade is done. */
  void arrived(CableServerConnection connection) {
    connections.add(connection);
    switch (greeting) {
      case WELCOME -> connection.welcome();
      case UNAUTHORIZED -> connection.disconnect("unauthorized", false).close(1000, "");
      default -> {}
    }
    arrivals.add(connection);
  }

  private void ping() {
    if (pings && greeting == Greeting.WELCOME) {
      connections.stream()
          .filter(CableServerConnection::isOpen)
          .forEach(CableServerConnection::ping);
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "in-process-action-cable-pinger");
    thread.setDaemon(true);
    return thread;
  }

  /** Stands before the upgrade. */
  private final class Refuser extends Handler.Wrapper {
    Refuser(Handler next) {
      super(next);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (greeting != Greeting.REFUSAL) {
        return super.handle(request, response, callback);
      }
      refusals.add(new CableServerConnection(InProcessActionCable.this, request));
      response.setStatus(status);
      if (location != null) {
        response.getHeaders().put(HttpHeader.LOCATION, location);
      }
      response.write(true, java.nio.ByteBuffer.wrap("no".getBytes()), callback);
      return true;
    }
  }
}
