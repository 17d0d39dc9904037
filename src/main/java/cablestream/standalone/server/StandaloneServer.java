package cablestream.standalone.server;

import cablestream.Bootstrap;
import cablestream.concurrent.Fault;
import cablestream.config.StandaloneSettings;
import cablestream.http.pages.Pages;
import cablestream.http.response.Responses.OwnServer;
import cablestream.standalone.UnpackedWar;
import cablestream.standalone.demo.DemoListener;
import cablestream.standalone.demo.Hop;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRequest;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.ee10.webapp.Configuration;
import org.eclipse.jetty.ee10.webapp.WebAppConfiguration;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.ee10.webapp.WebXmlConfiguration;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketConfiguration;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.ee10.websocket.servlet.WebSocketUpgradeFilter;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Jetty server with only the bridge. */
public final class StandaloneServer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(StandaloneServer.class);

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /**
   * During the warm-up two threads accept and two select, and nothing in the bridge blocks the
   * others. More of them would compete with the threads that carry events, and with the compiler,
   * when all browsers reconnect at once: docs/performance.md.
   */
  private static final int MAX_THREADS = Math.max(8, 4 + 2 * PROCESSORS);

  /** More than {@code cable.max-forwarded}, so that the bridge itself refuses what is too large. */
  private static final int MAX_HEADERS = 32 * 1024;

  /** Bytes that the kernel has accepted for a browser that is gone are lost. */
  private static final int SEND_BUFFER = 64 * 1024;

  /** How long responses may take to complete after the drain has ended them. */
  private static final long LAST_RESPONSES_MILLIS = 2_000;

  private static final String CABLE_URL = "cablestream.cable.url";
  private static final String LOOPBACK = "127.0.0.1";

  /** A context without handlers for HTTP sessions and roles. */
  private static final int NEITHER =
      ServletContextHandler.NO_SESSIONS | ServletContextHandler.NO_SECURITY;

  private final StandaloneSettings settings;
  private final boolean demonstrates;
  private final Server server = new Server(threads("http"));
  private final WebAppContext application;

  /** Null without a demonstration; otherwise it listens in place of the server. */
  private volatile Hop hop;

  /** Null for none. */
  private volatile WarmUp warmUp;

  /** Until the warm-up exists, whether it will start. */
  private volatile boolean warms;

  private StandaloneServer(StandaloneSettings settings, UnpackedWar war, boolean demonstrates) {
    this.settings = settings;
    this.demonstrates = demonstrates;
    application = bridge(war);
  }

  /**
   * Starts the server; returns when it accepts requests.
   *
   * @param war its files are needed until this returns
   * @throws IllegalArgumentException if a setting is invalid
   * @throws IOException if it can't listen, for example because the port is in use
   */
  public static Closeable start(UnpackedWar war) throws Exception {
    return start(war, false);
  }

  /**
   * Starts it as {@link #start} does, with an Action Cable server of its own.
   *
   * @throws IllegalArgumentException if another server is also set
   */
  public static Closeable demonstrate(UnpackedWar war) throws Exception {
    requireNoOtherServer();
    // Read before the port is known.
    System.setProperty(CABLE_URL, "ws://" + LOOPBACK + DemoListener.PATH);
    return start(war, true);
  }

  private static void requireNoOtherServer() {
    String variable = System.getenv().getOrDefault("CABLESTREAM_CABLE_URL", "");
    if (!variable.isBlank() || !System.getProperty(CABLE_URL, "").isBlank()) {
      throw new IllegalArgumentException(
          "--demo has an Action Cable server of its own: cablestream.cable.url must not be set");
    }
  }

  private static Closeable start(UnpackedWar war, boolean demonstrates) throws Exception {
    StandaloneSettings settings = StandaloneSettings.ofProcess();
    StandaloneServer started = new StandaloneServer(settings, war, demonstrates);
    try {
      started.serve(war);
    } catch (Exception e) {
      started.server.stop();
      started.closeHop();
      throw e;
    }
    return started;
  }

  private void serve(UnpackedWar war) throws Exception {
    // The default number of selectors, which Jetty would reduce for so few threads.
    LimitingConnector connector = connector(server, Math.max(1, PROCESSORS / 2));
    connector.setAcceptedSendBufferSize(SEND_BUFFER);
    connector.setHost(demonstrates ? LOOPBACK : settings.host());
    connector.setPort(demonstrates ? 0 : settings.port());
    connector.setAcceptQueueSize(settings.backlog());
    server.addConnector(connector);
    // First, so that nothing has been started if the port is in use.
    int port = listen(connector);
    System.setProperty(Bootstrap.PORT, String.valueOf(port));
    prepare(connector);
    server.setStopTimeout(LAST_RESPONSES_MILLIS);
    server.start();
    warmUp(war);
    war.forgetFiles();
    LOG.info("event=listening host={} port={} path={}", settings.host(), port, settings.path());
  }

  /**
   * Closes the connection of requests that arrive while the server stops: a browser then tries
   * again, while Jetty's own 503 is final for an EventSource.
   */
  private static final class LastRequests extends GracefulHandler {
    LastRequests(Handler handler) {
      super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (!isShutdown()) {
        return super.handle(request, response, callback);
      }
      request.getConnectionMetaData().getConnection().getEndPoint().close();
      callback.failed(new EofException("stopping"));
      return true;
    }
  }

  private void prepare(LimitingConnector connector) throws IOException {
    warms = !settings.warmUp().isZero();
    application.setAttribute(Bootstrap.HOST, InetAddress.getByName(settings.host()));
    application.setAttribute(OwnServer.ATTRIBUTE, new Serving(connector));
    application.setContextPath(settings.path());
    if (demonstrates) {
      demonstrate(connector.getLocalPort());
    }
    serve(server, application);
    server.setDefaultHandler(new ErrorAnswer.NothingHere(settings.path()));
  }

  /** What the bridge that serves browsers asks its server. */
  private final class Serving implements OwnServer {
    private final LimitingConnector connector;

    Serving(LimitingConnector connector) {
      this.connector = connector;
    }

    @Override
    public Runnable cut(ServletRequest request) {
      return StandaloneServer.cut(request);
    }

    @Override
    public boolean isWarmingUp() {
      return warms && (warmUp == null || warmUp.isRunning());
    }

    @Override
    public boolean isOutOfDescriptors() {
      return connector.isFailing();
    }

    @Override
    public long acceptFailures() {
      return connector.failures();
    }

    @Override
    public long idleConnectionsCut() {
      return connector.idle().cut();
    }
  }

  private void demonstrate(int port) {
    String context = settings.path().equals("/") ? "" : settings.path();
    System.setProperty(CABLE_URL, "ws://" + LOOPBACK + ":" + port + context + DemoListener.PATH);
    application.setAttribute(DemoListener.HOP, hop);
    application.setInitParameter(DemoListener.TOKEN, DemoListener.KNOWN_TOKEN);
    application.addEventListener(new DemoListener());
    addWebSockets(application, DemoListener.PATH);
  }

  private static void serve(Server server, WebAppContext bridge) {
    server.setHandler(new LastRequests(bridge));
    server.setDefaultHandler(new ErrorAnswer.NothingHere(null));
    server.setErrorHandler(ErrorAnswer::answer);
  }

  /** A failure is logged, and the bridge works without a warm-up. */
  private void warmUp(UnpackedWar war) {
    try {
      if (warms) {
        warmUp(war, (IntSupplier) application.getContext().getAttribute(Bootstrap.SESSIONS));
      }
    } catch (Throwable e) {
      warms = false;
      LOG.warn("event=warm_up_failed error=\"{}\"", Fault.kind(e));
    }
  }

  private void warmUp(UnpackedWar war, IntSupplier sessions) {
    Server second = new Server(threads("warm-up-http"));
    WebAppContext bridge = bridge(war);
    serve(second, bridge);
    warmUp = new WarmUp(second, settings.warmUp(), sessions);
    warmUp.start(connector(second, 1), bridge);
  }

  /** The web application; each server has its own. */
  private static WebAppContext bridge(UnpackedWar war) {
    WebAppContext application = new WebAppContext(null, null, null, null, null, NEITHER);
    application.setBaseResource(ResourceFactory.of(application).newResource(war.pages()));
    // The server's own class loader, so that classes shared with the WebSocket client are loaded
    // and compiled once. The bridge is the only application, so isolation isn't needed.
    application.setClassLoader(StandaloneServer.class.getClassLoader());
    application.setTempDirectory(war.directory().resolve("work").toFile());
    application.setThrowUnavailableOnStartupException(true);
    OwnServer server = StandaloneServer::cut;
    application.setAttribute(OwnServer.ATTRIBUTE, server);
    // web.xml is complete: no servlet or constraint of Jetty's own is needed, and no jar is
    // searched for fragments, annotations and pages.
    application.setDefaultsDescriptor(null);
    application.setConfigurations(
        new Configuration[] {
          new WebAppConfiguration(), new WebXmlConfiguration(), new JakartaWebSocketConfiguration()
        });
    addWebSockets(application, Pages.ECHO_CABLE);
    JakartaWebSocketServletContainerInitializer.configure(application, null);
    return application;
  }

  /** For this path alone: Jetty would otherwise pass all requests through this filter. */
  private static void addWebSockets(WebAppContext application, String path) {
    FilterHolder filter = new FilterHolder(WebSocketUpgradeFilter.class);
    filter.setName(WebSocketUpgradeFilter.class.getName());
    filter.setAsyncSupported(true);
    application.addFilter(filter, path, EnumSet.of(DispatcherType.REQUEST));
  }

  /** The longest duration of {@link #close} if nothing hangs. */
  public long patienceMillis() {
    return drainMillis() + 4 * LAST_RESPONSES_MILLIS;
  }

  /** Drains the bridge, unless an operator has done so, and stops. */
  @Override
  public void close() throws IOException {
    LOG.info("event=stopping");
    try {
      if (warmUp != null) {
        warmUp.end();
      }
      drain();
      server.stop();
      closeHop();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private void closeHop() {
    if (hop != null) {
      hop.close();
    }
  }

  /** The drain's own limit needs a working timer, so this has another. */
  private void drain() throws InterruptedException {
    if (application.getContext().getAttribute(Bootstrap.DRAIN) instanceof Supplier<?> drain) {
      CompletableFuture<?> drained = ((CompletionStage<?>) drain.get()).toCompletableFuture();
      try {
        drained.get(drainMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        Fault.log(LOG, "event=drain_failed", e);
      }
    }
  }

  private long drainMillis() {
    return settings.drainLimit().toMillis() + LAST_RESPONSES_MILLIS;
  }

  private static Runnable cut(ServletRequest request) {
    Request own = ServletContextRequest.getServletContextRequest(request);
    return own.getConnectionMetaData().getConnection().getEndPoint()::close;
  }

  private static QueuedThreadPool threads(String name) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS);
    threads.setName(name);
    return threads;
  }

  private LimitingConnector connector(Server server, int selectors) {
    long heap = Runtime.getRuntime().maxMemory();
    // The bridge's own cables to the server of the demonstration use the same connector.
    long maxWebSocketBytes = demonstrates ? Long.MAX_VALUE : LimitingConnector.MAX_WEBSOCKET_BYTES;
    return new LimitingConnector(server, selectors, http(), heap, maxWebSocketBytes);
  }

  private static HttpConfiguration http() {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(MAX_HEADERS);
    // Looking headers up takes longer than parsing them again: docs/performance.md.
    http.setHeaderCacheSize(0);
    // Each stream would keep its buffer for its lifetime.
    http.setOutputAggregationSize(0);
    return http;
  }

  /** Returns the port for browsers. */
  private int listen(ServerConnector connector) throws IOException {
    try {
      connector.open();
      if (demonstrates) {
        hop =
            new Hop(
                new InetSocketAddress(InetAddress.getByName(settings.host()), settings.port()),
                new InetSocketAddress(LOOPBACK, connector.getLocalPort()));
      }
      return demonstrates ? hop.port() : connector.getLocalPort();
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          "can't listen on %s, port %d (cablestream.http.host, cablestream.http.port): %s"
              .formatted(settings.host(), settings.port(), cause.getMessage()),
          e);
    }
  }
}
