package cablestream.http.relay;

import cablestream.cluster.Cluster;
import cablestream.cluster.Node;
import cablestream.concurrent.Fault;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import cablestream.environment.Environment;
import cablestream.http.request.RequestParameters;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import cablestream.outbound.OutboundClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that this node relays to others, by Jetty's client: their number, the memory
 * reserved for them, and how long they may be silent. Any thread, and nothing blocks.
 */
public final class Relays implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relays.class);
  private static final String NAME = "cablestream-relay";
  private static final int MAX_THREADS = 16;

  /** Far fewer than threads, as each occupies one: Jetty wouldn't start otherwise. */
  private static final int SELECTORS = Math.min(4, Runtime.getRuntime().availableProcessors());

  private static final long CONNECT_MILLIS = 2_000;

  /**
   * Shorter than any container's: a request must not be sent on a connection that is being closed.
   */
  private static final long IDLE_MILLIS = 5_000;

  /** More than the default of {@code cable.max-forwarded}. */
  private static final int MAX_HEADERS = 64 * 1024;

  /**
   * The heap for a connection of Jetty's client with its buffers, and the beginning of the
   * response.
   */
  private static final int WEIGHT = 24 * 1024;

  /** More than a node needs to notice a problem and report it. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /**
   * Between two checks for clients that have disconnected and nodes that are gone. Most requests
   * are answered sooner, and cause no check.
   */
  private static final long PAUSE_MILLIS = 1_000;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);

  private final Predicate<Node> living;
  private final Signatures signatures;
  private final Environment environment;
  private final Timers timers;
  private final HttpClient client = client();
  private final RateLimit<String> log;
  private final LongAdder handedOn = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /** Those in progress, and when each began, by {@link Timers#nanoTime}. */
  private final Map<Relay, Long> open = new ConcurrentHashMap<>();

  private volatile boolean over;

  /** Sends nothing yet. */
  public Relays(Cluster cluster, Environment environment) {
    this(cluster::lives, new Signatures(cluster.secret(), cluster.id()), environment);
  }

  /**
   * @param living whether a node has a lease
   */
  Relays(Predicate<Node> living, Signatures signatures, Environment environment) {
    this.living = living;
    this.signatures = signatures;
    this.environment = environment;
    timers = environment.timers();
    log =
        new RateLimit<>(
            timers, (times, latest) -> LOG.warn("event=relay_failed times={} {}", times, latest));
    pause();
  }

  private static HttpClient client() {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName(NAME);
    threads.setDaemon(true);
    ClientConnector connector = new ClientConnector();
    connector.setExecutor(threads);
    connector.setSelectors(SELECTORS);
    connector.setTCPNoDelay(true);
    connector.setSslContextFactory(new SslContextFactory.Client());
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
    transport.setConnectionPoolFactory(to -> new DuplexConnectionPool(to, Integer.MAX_VALUE));
    // The callbacks never block, so the thread that reads an event also writes it.
    transport.setInvocationType(Invocable.InvocationType.NON_BLOCKING);
    HttpClient client = OutboundClient.of(transport, NAME);
    client.setExecutor(threads);
    client.setConnectTimeout(CONNECT_MILLIS);
    client.setIdleTimeout(IDLE_MILLIS);
    client.setMaxRequestHeadersSize(MAX_HEADERS);
    client.setMaxResponseHeadersSize(MAX_HEADERS);
    client.setMaxRequestsQueuedPerDestination(Integer.MAX_VALUE); // the account limits them
    LifeCycle.start(client);
    return client;
  }

  private void pause() {
    timers.after(
        PAUSE_MILLIS,
        () -> {
          if (!over) {
            pause(); // first, as the pool can't always start a thread
            environment.execution().pool().execute(this::abortUseless);
          }
        });
  }

  private void abortUseless() {
    long now = timers.nanoTime();
    open.forEach(
        (relay, since) -> {
          if (now - since >= PAUSE_NANOS) {
            abortIfUseless(relay);
          }
        });
  }

  private static void abortIfUseless(Relay relay) {
    try {
      relay.abortIfUseless();
    } catch (Throwable e) {
      Fault.log(LOG, "event=task_failed", e); // the others must still be checked
    }
  }

  /** The number of requests relayed so far. */
  public long handedOn() {
    return handedOn.sum();
  }

  /** The number of relayed requests whose response failed or was truncated. */
  public long failed() {
    return failed.sum();
  }

  /** The number of relayed requests in progress. */
  public long now() {
    return open.size();
  }

  /** Signs and verifies requests. */
  Signatures signatures() {
    return signatures;
  }

  /** How long such a request may be silent: after that the other node may be gone. */
  Duration patience(RequestParameters asked) {
    Duration heartbeat = environment.limits().listening().heartbeat();
    Duration commands = environment.limits().commands().confirm();
    boolean stream = asked.isStream();
    Duration silence = stream ? heartbeat.multipliedBy(2) : asked.poll().timeout();
    // A request that opens a session waits for its dial.
    return (silence.compareTo(commands) < 0 ? commands : silence).plus(GRACE);
  }

  /**
   * Sends a request to another node.
   *
   * @param patience how long the other node may send nothing
   * @param hungUp whether its client has disconnected, as far as is known
   * @return false if there is no room; then there is no outcome
   */
  boolean send(
      Node to,
      HandedOn request,
      Duration patience,
      BooleanSupplier hungUp,
      Relay.Receiver receiver) {
    Holder holder = environment.account().holder();
    byte[] body = request.body();
    boolean room =
        holder.reserve(Kind.LISTENER, WEIGHT + environment.responseBytes())
            && (body == null || holder.reserve(Kind.COMMAND, Weights.ofBytes(body.length)));
    if (!room) {
      holder.close();
      return false;
    }
    handedOn.increment();
    Relay relay = new Relay(this, to, holder, hungUp, receiver);
    open.put(relay, timers.nanoTime());
    relay.send(request, patience);
    return true;
  }

  // ---- for one relay ----

  /** A signed request of Jetty's client. */
  Request request(Node to, HandedOn handedOn, Duration patience) {
    Request request =
        client
            .newRequest(to.address())
            .path(to.address().getRawPath() + handedOn.path())
            .method(handedOn.method())
            .idleTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
            .headers(
                headers -> {
                  handedOn.headers().forEach(headers::put);
                  headers.put(Signatures.HEADER, signatures.sign(to, handedOn));
                  if (handedOn.query() != null) {
                    headers.put(HandedOn.QUERY, handedOn.encodedQuery());
                  }
                });
    // Its type is among the headers.
    return handedOn.body() == null
        ? request
        : request.body(new BytesRequestContent((String) null, handedOn.body()));
  }

  boolean lives(Node node) {
    return living.test(node);
  }

  /** It is answered completely, or won't be. */
  void ended(Relay relay) {
    open.remove(relay);
  }

  /** A response ended too early. */
  void truncated() {
    failed.increment();
  }

  /** There is no response. */
  void failed(Node node, String why) {
    failed.increment();
    // No path: it names the session.
    log.count("node=%s address=%s error=\"%s\"".formatted(node.id(), node.address(), why));
  }

  @Override
  public void close() {
    over = true;
    LifeCycle.stop(client);
  }
}
