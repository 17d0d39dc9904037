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
 * An Action Cable server in this process, on a real socket, controlled by the test. By default it
 * behaves as Rails does: it welcomes every connection, confirms each subscription once and pings
 * every 3 s. A change applies to connections that arrive after it.
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

  /** Puma's limit, in bytes. */
  private static final int MAX_HEADERS = 80 * 1024;

  /**
   * Silenced: Jetty's start and stop messages are irrelevant to a test. Held here because loggers
   * are held weakly.
   */
  private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

  static {
    JETTY.setLevel(Level.WARNING);
  }

  /** The response to an upgrade request. */
  private enum Greeting {
    WELCOME,
    UNAUTHORIZED,
    NOTHING,
    REFUSAL
  }

  /** The response to a subscribe command. */
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
    // Puma's value. With a shorter queue, the kernel delays some connections of many at once by a
    // second.
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
   * @param tls its TLS configuration; null for plain TCP
   */
  public static InProcessActionCable start(SslContextFactory.Server tls) {
    InProcessActionCable cable = new InProcessActionCable(tls);
    cable.listen();
    return cable;
  }

  public URI url() {
    return URI.create(scheme + "://127.0.0.1:" + connector.getLocalPort() + "/cable");
  }

  // ---- how further connections are answered ----

  public InProcessActionCable welcomesEverybody() {
    greeting = Greeting.WELCOME;
    return this;
  }

  /** Upgrades and then sends nothing, as Rails does when {@code connect} raises. */
  public InProcessActionCable saysNothing() {
    greeting = Greeting.NOTHING;
    return this;
  }

  /** Upgrades, disconnects as unauthorized and closes, as Rails does. */
  public InProcessActionCable authorizesNobody() {
    greeting = Greeting.UNAUTHORIZED;
    return this;
  }

  /** Responds to the upgrade with this status; Rails uses 404 for a disallowed origin. */
  public InProcessActionCable refusesWith(int status) {
    greeting = Greeting.REFUSAL;
    this.status = status;
    location = null;
    return this;
  }

  /** Responds to the upgrade with 301, as {@code config.force_ssl} does. */
  public InProcessActionCable redirectsTo(String location) {
    refusesWith(301);
    this.location = location;
    return this;
  }

  /**
   * @param protocol the subprotocol to select; null for none
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

  /** As Rails does for an unknown channel, and when its Redis is unavailable. */
  public InProcessActionCable ignoresSubscriptions() {
    answer = Answer.NOTHING;
    return this;
  }

  public InProcessActionCable sendsNoPings() {
    pings = false;
    return this;
  }

  // ---- what it has received ----

  /** The next connection that hasn't been awaited yet; waits up to 10 s for it. */
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

  /** All upgraded connections in order, including closed ones. */
  public List<CableServerConnection> connections() {
    return List.copyOf(connections);
  }

  /** The upgrade requests that were refused. */
  public List<CableServerConnection> refusals() {
    return List.copyOf(refusals);
  }

  public long openConnections() {
    return connections.stream().filter(CableServerConnection::isOpen).count();
  }

  /** Sends to all subscribers. @param message JSON */
  public void broadcast(String identifier, String message) {
    connections.stream()
        .filter(each -> each.isOpen() && each.isSubscribed(identifier))
        .forEach(each -> each.broadcast(identifier, message));
  }

  // ---- restarts and outages ----

  /** Disconnects all connections as a restarting Rails does, and continues to listen. */
  public void restarts() {
    connections.stream()
        .filter(CableServerConnection::isOpen)
        .forEach(each -> each.disconnect("server_restart", true).close(1000, ""));
  }

  /** Stops listening and cuts all connections; the port stays reserved. */
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
   * Listens again after {@link #goesDown}. Meanwhile another process may have been assigned the
   * port for an outgoing connection; those are short.
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

  /** Called when an upgrade has completed. */
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

  /** Refuses or redirects requests before the upgrade. */
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
