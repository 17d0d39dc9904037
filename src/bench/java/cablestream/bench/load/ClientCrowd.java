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
import java.util.stream.Stream;

/** All clients of the process and what they have received. On the reactor's thread only. */
final class ClientCrowd implements Reactor.Ticker {
  private static final long CHECK_NANOS = 100_000_000;

  private final List<LoadClient> clients = new ArrayList<>();
  private final Recorder recorder = new Recorder();
  private final Message echo = new Message(Message.SMALLEST);
  private Reactor reactor;
  private final Map<URI, BridgeSite> bridges = new HashMap<>();
  private Opening opening;
  private Herd herd;
  private int nextNumber = 1;

  void runBy(Reactor newReactor) {
    reactor = newReactor;
  }

  @Override
  public long tick(long now) {
    long next = herd == null ? NEVER : herd.tick(now);
    if (opening != null) {
      opening.expire(now);
      next = Math.min(next, now + CHECK_NANOS);
    }
    return next;
  }

  /** Opens more clients, on the nodes in turn: {@code kind} is stream, poll or direct. */
  void open(Line asked, CompletableFuture<Line> outcome) {
    List<URI> urls = Stream.of(asked.text("urls").split(",")).map(URI::create).toList();
    String site = urls.get(0).getAuthority();
    List<BridgeSite> nodes =
        urls.stream()
            .map(url -> bridges.computeIfAbsent(url, at -> new BridgeSite(at, site, reactor)))
            .toList();
    int stepAside = asked.text("relayed").equals("true") ? 1 : 0;
    List<LoadClient> added = new ArrayList<>();
    for (int i = 0; i < asked.integer("count"); i++) {
      BridgeSite opensAt = nodes.get(i % nodes.size());
      BridgeSite staysAt = nodes.get((i + stepAside) % nodes.size());
      added.add(client(asked.text("kind"), nextNumber++, opensAt, staysAt));
    }
    clients.addAll(added);
    opening = new Opening(added, asked.integer("concurrency"), outcome);
    outcome.whenComplete((line, error) -> opening = null);
    opening.start();
  }

  private LoadClient client(String kind, int number, BridgeSite opensAt, BridgeSite staysAt) {
    return switch (kind) {
      case "stream" -> new StreamClient(number, recorder, opensAt, staysAt);
      case "poll" -> new PollClient(number, recorder, opensAt, staysAt);
      case "direct" -> new DirectClient(number, recorder, opensAt, reactor);
      default -> throw new IllegalArgumentException("no kind of client is called " + kind);
    };
  }

  /** From now on each client that loses its session reconnects. */
  void becomeHerd() {
    herd = new Herd();
    clients.forEach(client -> client.comeBackBy(herd));
  }

  /** The state of the clients that had to reconnect. */
  Line herd(long since) {
    long away = clients.stream().filter(client -> !client.isSubscribed()).count();
    return herd.report(Line.of("ok").with("away", away), since);
  }

  Recorder recorder() {
    return recorder;
  }

  /** The first clients stop reading. */
  void stall(int count) {
    clients.subList(0, count).forEach(client -> client.stall(true));
  }

  /** All clients read again. */
  void resume() {
    clients.stream().filter(LoadClient::isStalled).forEach(client -> client.stall(false));
  }

  /** One of the clients, in turn, sends a message that is echoed. */
  void echo(long turn, long at) {
    clients.get((int) (turn % clients.size())).echo(echo, at);
  }

  /** Sends a DELETE for each session. */
  void farewell() {
    if (herd != null) {
      herd.disperse();
    }
    clients.forEach(LoadClient::farewell);
  }

  boolean saidFarewell() {
    return bridges.values().stream().allMatch(bridge -> bridge.poster().isIdle());
  }

  /** Closes all sockets and forgets the clients. */
  void close() {
    clients.forEach(LoadClient::close);
    clients.clear();
    herd = null;
    recorder.forget();
    bridges.values().forEach(bridge -> bridge.poster().close());
    bridges.clear();
  }

  /** Whether each client that reads has received all messages sent to it. */
  boolean hasAll(Map<Integer, Long> sent) {
    for (LoadClient client : clients) {
      boolean waits = client.sequence().lost(sent.getOrDefault(client.number(), 0L)) > 0;
      if (waits && !client.isStalled()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds what was lost, repeated and reordered since the clients were opened.
   *
   * @param sent the number of messages sent to each client
   */
  Line report(Line answer, Map<Integer, Long> sent) {
    long lost = 0;
    long repeated = 0;
    long swapped = 0;
    for (LoadClient client : clients) {
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
