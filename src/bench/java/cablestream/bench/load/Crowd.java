package cablestream.bench.load;

import cablestream.bench.control.Line;
import cablestream.bench.wire.Message;
import cablestream.bench.wire.Reactor;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** All clients of the process and what they have seen. On the reactor's thread only. */
final class Crowd implements Reactor.Ticker {
  private static final long CHECK_NANOS = 100_000_000;

  private final List<Client> clients = new ArrayList<>();
  private final Recorder recorder = new Recorder();
  private final Message echo = new Message(Message.SMALLEST);
  private Reactor reactor;
  private Poster poster;
  private Opening opening;
  private int nextNumber = 1;

  void runBy(Reactor newReactor) {
    reactor = newReactor;
  }

  @Override
  public long tick(long now) {
    if (opening == null) {
      return NEVER;
    }
    opening.expire(now);
    return now + CHECK_NANOS;
  }

  /** Opens more clients: {@code kind} is stream, poll or direct. */
  void open(String kind, URI url, int count, int concurrency, CompletableFuture<Line> outcome) {
    Bridge bridge = new Bridge(url);
    if (poster == null) {
      poster = new Poster(reactor, bridge.address());
    }
    List<Client> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      added.add(client(kind, nextNumber++, bridge));
    }
    clients.addAll(added);
    opening = new Opening(added, concurrency, outcome);
    outcome.whenComplete((line, error) -> opening = null);
    opening.start();
  }

  private Client client(String kind, int number, Bridge bridge) {
    return switch (kind) {
      case "stream" -> new StreamClient(number, recorder, bridge, poster);
      case "poll" -> new PollClient(number, recorder, bridge, poster);
      case "direct" -> new DirectClient(number, recorder, bridge, reactor);
      default -> throw new IllegalArgumentException("no kind of client is called " + kind);
    };
  }

  Recorder recorder() {
    return recorder;
  }

  /** The first so many clients stop reading. */
  void stall(int count) {
    clients.subList(0, count).forEach(client -> client.stall(true));
  }

  /** All read again. */
  void resume() {
    clients.stream().filter(Client::isStalled).forEach(client -> client.stall(false));
  }

  /** One of the clients, in turn, sends a message that comes back. */
  void echo(long turn, long at) {
    clients.get((int) (turn % clients.size())).echo(echo, at);
  }

  /** Says farewell for all. */
  void farewell() {
    clients.forEach(Client::farewell);
  }

  boolean saidFarewell() {
    return poster == null || poster.isIdle();
  }

  /** Closes all sockets and forgets the clients. */
  void close() {
    clients.forEach(Client::close);
    clients.clear();
    recorder.forget();
    if (poster != null) {
      poster.close();
      poster = null;
    }
  }

  /** Whether every client that reads has all that was sent to it. */
  boolean hasAll(Map<Integer, Long> sent) {
    for (Client client : clients) {
      boolean waits = client.sequence().lost(sent.getOrDefault(client.number(), 0L)) > 0;
      if (waits && !client.isStalled()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds what was lost, repeated and swapped since the clients were opened.
   *
   * @param sent how many messages were sent to each client
   */
  Line report(Line answer, Map<Integer, Long> sent) {
    long lost = 0;
    long repeated = 0;
    long swapped = 0;
    for (Client client : clients) {
      Sequence sequence = client.sequence();
      repeated += sequence.repeated();
      swapped += sequence.swapped();
      if (!client.isStalled()) {
        lost += sequence.lost(sent.getOrDefault(client.number(), sequence.received()));
      }
    }
    answer.with("lost", lost).with("repeated", repeated).with("swapped", swapped);
    return recorder.report(answer.with("clients", clients.size()));
  }

  /** Reads {@code client:count,client:count,…}. */
  static Map<Integer, Long> counts(String text) {
    Map<Integer, Long> counts = new HashMap<>();
    for (String pair : text.split(",")) {
      int colon = pair.indexOf(':');
      if (colon > 0) {
        counts.put(
            Integer.valueOf(pair.substring(0, colon)), Long.valueOf(pair.substring(colon + 1)));
      }
    }
    return counts;
  }
}
