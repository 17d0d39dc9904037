package cablestream.http.relay;

import cablestream.cluster.Cluster;
import cablestream.cluster.Node;
import cablestream.concurrent.Fault;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import cablestream.http.request.RequestParameters;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that this node relays to others: their number, the memory reserved for them, and how
 * long they may be silent. Any thread.
 */
public final class Relays implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relays.class);

  /**
   * The heap for a connection of Jetty's client with its buffers, and the beginning of the
   * response.
   */
  private static final int WEIGHT = 24 * 1024;

  /** More than a node needs to notice a problem and report it. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /**
   * Between two checks for clients that have disconnected. Most requests are answered sooner, and
   * cause no check.
   */
  private static final long PAUSE_MILLIS = 1_000;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);

  private final Cluster cluster;
  private final Account account;
  private final Timers timers;
  private final Executor pool;
  private final int responseBytes;
  private final Duration heartbeat;
  private final Duration commands;
  private final Signatures signatures;
  private final HttpRelay client = new HttpRelay();
  private final RateLimit<String> log;
  private final LongAdder handedOn = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Set<Relay> open = ConcurrentHashMap.newKeySet();
  private volatile boolean over;

  /**
   * @param timers for log lines once a minute, and for clients that disconnect
   * @param pool looks for such clients
   * @param responseBytes the container's memory for a request without a response yet
   * @param heartbeat the interval of a stream's heartbeats
   * @param commands the time limit of a POST
   */
  public Relays(
      Cluster cluster,
      Account account,
      Timers timers,
      Executor pool,
      int responseBytes,
      Duration heartbeat,
      Duration commands) {
    this.cluster = cluster;
    this.account = account;
    this.timers = timers;
    this.pool = pool;
    this.responseBytes = responseBytes;
    this.heartbeat = heartbeat;
    this.commands = commands;
    signatures = new Signatures(cluster.secret(), cluster.id());
    log =
        new RateLimit<>(
            timers, (times, latest) -> LOG.warn("event=relay_failed times={} {}", times, latest));
    cluster.whenNodesGo(() -> open.forEach(Relay::endIfOrphaned));
    pause();
  }

  private void pause() {
    timers.after(PAUSE_MILLIS, () -> pool.execute(this::endAbandoned));
  }

  private void endAbandoned() {
    if (over) {
      return;
    }
    open.forEach(Relay::endIfAbandoned);
    pause();
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
    boolean stream = asked.isStream();
    Duration silence = stream ? heartbeat.multipliedBy(2) : asked.poll().timeout();
    // A request that opens a session waits for its dial.
    return (silence.compareTo(commands) < 0 ? commands : silence).plus(GRACE);
  }

  /**
   * Reserves room for a request.
   *
   * @param bodyLength in bytes; 0 for none
   * @param hungUp whether its client has disconnected, as far as is known
   * @return null if there is no room
   */
  Relay open(int bodyLength, BooleanSupplier hungUp) {
    Holder holder = account.holder();
    boolean room =
        holder.reserve(Kind.LISTENER, WEIGHT + responseBytes)
            && (bodyLength == 0 || holder.reserve(Kind.COMMAND, Weights.ofBytes(bodyLength)));
    if (!room) {
      holder.close();
      return null;
    }
    Relay relay = new Relay(holder, hungUp);
    open.add(relay);
    return relay;
  }

  /** One relayed request. */
  final class Relay {
    private final Holder holder;
    private final BooleanSupplier hungUp;
    private final long since = timers.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();

    /** The node to which it is relayed; null until then. */
    private volatile Node node;

    /** Null until it is sent. */
    private volatile HttpRelay.Pending pending;

    private volatile boolean answered;

    private Relay(Holder holder, BooleanSupplier hungUp) {
      this.holder = holder;
      this.hungUp = hungUp;
    }

    void send(Node to, HandedOn request, HttpRelay.Answer answer) {
      node = to;
      handedOn.increment();
      try {
        pending = client.send(to, request, signatures.sign(to, request), answer);
        endIfOrphaned();
      } catch (RuntimeException e) {
        // The message may contain the target.
        answer.unanswered(e.getClass().getSimpleName(), true);
      }
    }

    private void endIfOrphaned() {
      HttpRelay.Pending sent = pending;
      if (sent != null && !cluster.lives(node)) {
        sent.orphan();
      }
    }

    /** Once it is answered, writing to a client that has disconnected fails. */
    private void endIfAbandoned() {
      HttpRelay.Pending sent = pending;
      if (sent != null && !answered && timers.nanoTime() - since >= PAUSE_NANOS) {
        try {
          if (hungUp.getAsBoolean()) {
            sent.abandon();
          }
        } catch (Throwable e) {
          Fault.log(LOG, "event=task_failed", e); // the others must still be checked
        }
      }
    }

    /** The other node answers. */
    void answered() {
      answered = true;
    }

    /** Releases what was reserved for it. */
    void end() {
      if (ended.compareAndSet(false, true)) {
        holder.close();
        open.remove(this);
      }
    }

    /** Its response ended too early. */
    void fail() {
      failed.increment();
      end();
    }

    /** There is no response. */
    void fail(String why) {
      fail();
      // No path: it names the session.
      log.count("node=%s address=%s error=\"%s\"".formatted(node.id(), node.address(), why));
    }
  }

  @Override
  public void close() {
    over = true;
    client.close();
  }
}
