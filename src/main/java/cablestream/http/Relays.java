package cablestream.http;

import cablestream.browser.Listener;
import cablestream.browser.Refusal;
import cablestream.cluster.Answer;
import cablestream.cluster.HandedOn;
import cablestream.cluster.Node;
import cablestream.cluster.Nodes;
import cablestream.concurrent.RateLimit;
import cablestream.concurrent.Timers;
import cablestream.http.request.RequestParameters;
import cablestream.http.response.NonBlockingResponse;
import cablestream.memory.Account;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that this node has handed on and whose answers it hands back: how many there are,
 * what they take, and how long they may say nothing. Any thread.
 */
public final class Relays {
  private static final Logger LOG = LoggerFactory.getLogger(Relays.class);

  static final Refusal TOO_MANY =
      new Refusal(503, "too many requests are handed on to other nodes", 1, 1_000);

  /** Of the heap: a connection of Jetty's client, with its buffers, and the answer's beginning. */
  private static final int WEIGHT = 24 * 1024;

  /** More than a node takes to notice something and to say so. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Nodes nodes;
  private final Account account;
  private final int responseBytes;
  private final Duration heartbeat;
  private final Duration commands;
  private final RateLimit<String> tallies;
  private final LongAdder handedOn = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder open = new LongAdder();

  /**
   * @param timers for what is logged once a minute
   * @param responseBytes what the container keeps for a request that isn't answered yet
   * @param heartbeat between two signs of life of a stream
   * @param commands how long a POST may take
   */
  public Relays(
      Nodes nodes,
      Account account,
      Timers timers,
      int responseBytes,
      Duration heartbeat,
      Duration commands) {
    this.nodes = nodes;
    this.account = account;
    this.responseBytes = responseBytes;
    this.heartbeat = heartbeat;
    this.commands = commands;
    tallies =
        new RateLimit<>(
            timers, (times, latest) -> LOG.warn("event=relay_failed times={} {}", times, latest));
  }

  /** Requests handed on so far. */
  public long handedOn() {
    return handedOn.sum();
  }

  /** Those of them that weren't answered. */
  public long failed() {
    return failed.sum();
  }

  /** Those that are being answered. */
  public long now() {
    return open.sum();
  }

  /** How long nothing may come of such a request: the other node may be there no more. */
  Duration patience(RequestParameters asked) {
    if (asked.representation().isStream()) {
      // What opens a session waits for its dial.
      Duration silence = heartbeat.multipliedBy(2);
      return (silence.compareTo(commands) < 0 ? commands : silence).plus(GRACE);
    }
    Duration longest =
        asked.poll().timeout().compareTo(commands) < 0 ? commands : asked.poll().timeout();
    return longest.plus(GRACE);
  }

  /** Room for one without a body; null for none. */
  Relay open() {
    return open(0);
  }

  /** Room for one; null for none. */
  Relay open(int bodyLength) {
    Holder holder = account.holder();
    boolean room =
        holder.take(Kind.LISTENER, WEIGHT + responseBytes)
            && (bodyLength == 0 || holder.take(Kind.COMMAND, Weights.ofBytes(bodyLength)));
    if (!room) {
      holder.close();
      return null;
    }
    open.increment();
    return new Relay(holder);
  }

  /** One of them. */
  final class Relay {
    private final Holder holder;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Relay(Holder holder) {
      this.holder = holder;
    }

    void send(Node node, HandedOn request, Answer answer) {
      handedOn.increment();
      try {
        nodes.handOn(node, request, answer);
      } catch (RuntimeException e) {
        answer.failed(e.getClass().getSimpleName()); // its message may have the target in it
      }
    }

    /** What it took is free again. */
    void end() {
      if (ended.compareAndSet(false, true)) {
        holder.close();
        open.decrement();
      }
    }

    /** It came to nothing. */
    void fail() {
      failed.increment();
      end();
    }

    /** The same, where nothing has come of it at all. */
    void fail(Node node, String why) {
      fail();
      // No path: it names the session.
      tallies.count("node=%s address=%s error=\"%s\"".formatted(node.id(), node.address(), why));
    }

    /** Hands the answer back. */
    void answer(
        NonBlockingResponse response,
        int status,
        List<Map.Entry<String, String>> headers,
        Answer.Body body) {
      response.head(head -> write(status, headers, head));
      // Before anything is written, so that nobody is ready and finds nobody to tell.
      response.attach(
          new Listener.Attachment() {
            @Override
            public void writable() {
              body.writable();
            }

            @Override
            public void gone() {
              body.cancel();
              end();
            }
          });
      body.pour(new Sink(this, response));
    }
  }

  /** Where an answer goes. */
  private record Sink(Relay relay, NonBlockingResponse response) implements Answer.Sink {
    @Override
    public boolean isReady() {
      return response.isReady();
    }

    @Override
    public void write(byte[] bytes) {
      response.write(bytes, 0, bytes.length);
    }

    @Override
    public void flush() {
      response.flush();
    }

    @Override
    public void finish() {
      relay.end();
      response.finish();
    }

    /** The browser must see that it isn't complete. */
    @Override
    public void abort() {
      relay.fail();
      response.abort();
    }
  }

  private static void write(
      int status, List<Map.Entry<String, String>> headers, HttpServletResponse head) {
    head.setStatus(status);
    for (Map.Entry<String, String> header : headers) {
      if (header.getKey().equalsIgnoreCase("Content-Length")) {
        head.setContentLengthLong(Long.parseLong(header.getValue()));
      } else if (header.getKey().equalsIgnoreCase("Set-Cookie")) {
        head.addHeader(header.getKey(), header.getValue());
      } else {
        head.setHeader(header.getKey(), header.getValue());
      }
    }
  }
}
