package cablestream.http.relay;

import cablestream.cluster.Cluster;
import cablestream.cluster.Node;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
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

  private final Cluster cluster;
  private final Account account;
  private final int responseBytes;
  private final Duration heartbeat;
  private final Duration commands;
  private final Signatures signatures;
  private final HttpRelay client = new HttpRelay();
  private final RateLimit<String> log;
  private final LongAdder handedOn = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Set<Relay> open = ConcurrentHashMap.newKeySet();

  /**
   * @param timers for log lines once a minute
   * @param responseBytes the container's memory for a request without a response yet
   * @param heartbeat the interval of a stream's heartbeats
   * @param commands the time limit of a POST
   */
  public Relays(
      Cluster cluster,
      Account account,
      Timers timers,
      int responseBytes,
      Duration heartbeat,
      Duration commands) {
    this.cluster = cluster;
    this.account = account;
    this.responseBytes = responseBytes;
    this.heartbeat = heartbeat;
    this.commands = commands;
    signatures = new Signatures(cluster.secret(), cluster.id());
    log =
        new RateLimit<>(
            timers, (times, latest) -> LOG.warn("event=relay_failed times={} {}", times, latest));
    cluster.whenNodesGo(() -> open.forEach(Relay::endIfOrphaned));
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
    boolean stream = asked.representation().isStream();
    Duration silence = stream ? heartbeat.multipliedBy(2) : asked.poll().timeout();
    // A request that opens a session waits for its dial.
    return (silence.compareTo(commands) < 0 ? commands : silence).plus(GRACE);
  }

  /** Reserves room for a request with a body of this length, or 0; null if there is none. */
  Relay open(int bodyLength) {
    Holder holder = account.holder();
    boolean room =
        holder.reserve(Kind.LISTENER, WEIGHT + responseBytes)
            && (bodyLength == 0 || holder.reserve(Kind.COMMAND, Weights.ofBytes(bodyLength)));
    if (!room) {
      holder.close();
      return null;
    }
    Relay relay = new Relay(holder);
    open.add(relay);
    return relay;
  }

  /** One relayed request. */
  final class Relay {
    private final Holder holder;
    private final AtomicBoolean ended = new AtomicBoolean();

    /** The node to which it is relayed; null until then. */
    private volatile Node node;

    /** Null until it is sent. */
    private volatile Runnable giveUp;

    private Relay(Holder holder) {
      this.holder = holder;
    }

    void send(Node to, HandedOn request, HttpRelay.Answer answer) {
      node = to;
      handedOn.increment();
      try {
        giveUp = client.send(to, request, signatures.sign(to, request), answer);
        endIfOrphaned();
      } catch (RuntimeException e) {
        // The message may contain the target.
        answer.unanswered(e.getClass().getSimpleName(), true);
      }
    }

    private void endIfOrphaned() {
      Runnable end = giveUp;
      if (end != null && !cluster.lives(node)) {
        end.run();
      }
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
    client.close();
  }
}
