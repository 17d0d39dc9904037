package cablestream.cable.jetty;

import cablestream.cable.CableSettings;
import cablestream.cable.CableSocket;
import cablestream.cable.DialRequest.Header;
import cablestream.concurrent.DaemonThreads;
import cablestream.concurrent.Timers;
import cablestream.memory.Account;
import cablestream.outbound.OutboundClient;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.ConnectionPool;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.client.WebSocketCoreClient;

/**
 * Makes sockets of Jetty's WebSocket client, which it owns: its daemon threads ({@code
 * cablestream-cable-…}) and connections have ended when {@link #close} returns.
 */
public final class JettyCableDialer implements CableSocket.Dialer, AutoCloseable {
  private static final String NAME = "cablestream-cable";

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /** Rails' cookies alone may have 4 KiB each; what is forwarded is limited to 16 KiB. */
  private static final int MAX_REQUEST_HEADERS = 64 * 1024;

  private static final int MAX_RESPONSE_HEADERS = 16 * 1024;
  private static final long MAX_SPARE_MILLIS = 2_000;
  private static final long RESOLVER_PATIENCE_MILLIS = 1_000;

  private final CableSettings settings;
  private final Account account;
  private final QueuedThreadPool threads = threads();
  private final ScheduledExecutorScheduler scheduler =
      new ScheduledExecutorScheduler(NAME + "-timer", true);

  private final DaemonThreads resolverThreads = new DaemonThreads(NAME + "-resolver");

  /** Separate threads, since a name server that doesn't answer blocks them. */
  private final ThreadPoolExecutor resolvers = resolvers(resolverThreads);

  private final WebSocketCoreClient client;

  /** Starts the client, without a dial. */
  public JettyCableDialer(CableSettings settings, Timers timers, Account account) {
    this(settings, timers, account, null);
  }

  /**
   * @param resolver resolves the server's name; null for the system's
   */
  JettyCableDialer(
      CableSettings settings, Timers timers, Account account, SocketAddressResolver resolver) {
    this.settings = settings;
    this.account = account;
    ByteBufferPool buffers = new ArrayByteBufferPool();
    JettyAddressOrder addresses =
        new JettyAddressOrder(resolver == null ? system() : resolver, timers);
    HttpClient http = http(buffers, addresses);
    client =
        new WebSocketCoreClient(
            http, new WebSocketComponents(null, null, buffers, null, null, threads));
    LifeCycle.start(client);
  }

  @Override
  public CableSocket dial(
      URI url, List<Header> headers, List<String> protocols, CableSocket.Events events) {
    JettyCableSocket socket =
        new JettyCableSocket(events, settings.maxMessage(), account, scheduler, threads);
    try {
      socket.dialling(client.connect(new JettyUpgrade(client, url, headers, protocols, socket)));
    } catch (IOException | RuntimeException e) {
      socket.failed(e); // a header that is invalid in HTTP, or the client has been stopped
    }
    return socket;
  }

  /** Cuts the remaining connections and ends the threads. */
  @Override
  public void close() {
    LifeCycle.stop(client);
    LifeCycle.stop(scheduler);
    LifeCycle.stop(threads);
    resolvers.shutdownNow();
    try {
      resolverThreads.join(RESOLVER_PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private SocketAddressResolver system() {
    return new SocketAddressResolver.Async(
        resolvers, scheduler, settings.timeouts().connect().toMillis());
  }

  private HttpClient http(ByteBufferPool buffers, JettyAddressOrder addresses) {
    ClientConnector connector = addresses.connector();
    connector.setExecutor(threads);
    connector.setScheduler(scheduler);
    connector.setByteBufferPool(buffers);
    connector.setSslContextFactory(tls());
    connector.setTCPNoDelay(true);
    // A selector's thread carries frames all the way to the browser, so there is one per processor.
    connector.setSelectors(PROCESSORS);
    connector.setConnectTimeout(settings.timeouts().connect());
    connector.setIdleTimeout(settings.timeouts().welcome().multipliedBy(2));
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
    transport.setConnectionPoolFactory(JettyCableDialer::connections);
    HttpClient http = OutboundClient.of(transport, NAME);
    http.setExecutor(threads);
    http.setScheduler(scheduler);
    http.setByteBufferPool(buffers);
    http.setSocketAddressResolver(addresses);
    http.setMaxRequestHeadersSize(MAX_REQUEST_HEADERS);
    http.setMaxResponseHeadersSize(MAX_RESPONSE_HEADERS);
    http.setMaxRequestsQueuedPerDestination(Integer.MAX_VALUE); // the gate limits the dials
    return http;
  }

  /** Reads the key store only if TLS is used, so that a missing one doesn't matter otherwise. */
  private SslContextFactory.Client tls() {
    boolean needed = settings.url().getScheme().equals("wss");
    return needed ? JettyClientTls.factory() : new SslContextFactory.Client();
  }

  /**
   * A connection for each dial. Jetty sometimes opens one more than it needs, and uses it for a
   * later dial; the limit excludes one so old that the server may just be closing it.
   */
  private static ConnectionPool connections(Destination destination) {
    DuplexConnectionPool pool = new DuplexConnectionPool(destination, Integer.MAX_VALUE);
    pool.setMaxDuration(MAX_SPARE_MILLIS);
    pool.setMaxUsage(1);
    return pool;
  }

  private static QueuedThreadPool threads() {
    QueuedThreadPool threads = new QueuedThreadPool(8 + 4 * PROCESSORS, 2);
    threads.setName(NAME);
    threads.setDaemon(true);
    return threads;
  }

  private static ThreadPoolExecutor resolvers(DaemonThreads threads) {
    ThreadPoolExecutor resolvers =
        new ThreadPoolExecutor(4, 4, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
    resolvers.allowCoreThreadTimeOut(true);
    return resolvers;
  }
}
