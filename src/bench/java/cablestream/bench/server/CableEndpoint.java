package cablestream.bench.server;

import cablestream.bench.control.Line;
import cablestream.bench.wire.Message;
import cablestream.bench.wire.Reactor;
import cablestream.bench.wire.ReactorConnection;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.StringJoiner;

/**
 * All clients of the simulated server, their heartbeats, and the messages that are sent to them.
 */
final class CableEndpoint implements Reactor.Ticker {
  /** Rails: ActionCable::Server::Connections::BEAT_INTERVAL. */
  private static final long PING_NANOS = 3_000_000_000L;

  /** The interval of checks for due heartbeats: rare enough to cost nothing, and spread out. */
  private static final long PING_CHECK_NANOS = 20_000_000;

  /** How a new connection is treated. */
  enum Greeting {
    WELCOME,
    CLOSE,
    SILENCE
  }

  private record Ping(Subscriber subscriber, long due) {}

  private final Set<Subscriber> connections = new LinkedHashSet<>();
  private final Set<Subscriber> cables = new LinkedHashSet<>();
  private final Set<Subscriber> subscribers = new LinkedHashSet<>();
  private final Map<Integer, Tally> tallies = new HashMap<>();
  private final Queue<Ping> pings = new ArrayDeque<>();
  private final Message echo = new Message(200);

  /** Upgrades that wait for their turn to be welcomed. */
  private final Queue<Subscriber> asking = new ArrayDeque<>();

  /** Between two welcomes; 0: all are welcomed at once. */
  private long welcomeNanos;

  private long nextWelcome;
  private long nextPingCheck = System.nanoTime();
  private Greeting greeting = Greeting.WELCOME;
  private Sending sending;
  private Runnable over;

  ReactorConnection.Handler accept(ReactorConnection connection) {
    Subscriber subscriber = new Subscriber(connection, this);
    connections.add(subscriber);
    if (greeting == Greeting.CLOSE) {
      subscriber.close();
      subscriber.lost("not welcome");
    }
    return subscriber;
  }

  /** Sets how connections are treated from now on. */
  void meet(Greeting how) {
    greeting = how;
    welcomeNanos = 0;
  }

  /** Welcomes connections one after the other from now on. */
  void welcome(int perSecond) {
    greeting = Greeting.WELCOME;
    welcomeNanos = 1_000_000_000L / perSecond;
  }

  /** An upgrade is requested. */
  void asks(Subscriber subscriber, long now) {
    if (greeting == Greeting.WELCOME && welcomeNanos == 0) {
      subscriber.welcome();
    } else if (greeting == Greeting.WELCOME) {
      nextWelcome = asking.isEmpty() ? Math.max(nextWelcome, now) : nextWelcome;
      asking.add(subscriber);
    }
  }

  /** Whether a subscriber gets a message with its confirmation. */
  boolean sendsFirst() {
    return welcomeNanos > 0;
  }

  /** A client that has left takes its turn as well: a server notices that too late. */
  private void welcomeNext(long now) {
    while (!asking.isEmpty() && nextWelcome <= now) {
      Subscriber next = asking.remove();
      nextWelcome += welcomeNanos;
      if (!next.isLost()) {
        next.welcome();
      }
    }
  }

  void welcomed(Subscriber subscriber) {
    cables.add(subscriber);
    pings.add(new Ping(subscriber, System.nanoTime() + PING_NANOS));
  }

  void subscribed(Subscriber subscriber) {
    subscribers.add(subscriber);
  }

  void drained(Subscriber subscriber) {
    if (sending != null && subscribers.contains(subscriber)) {
      sending.resume(subscriber);
    }
  }

  void lost(Subscriber subscriber) {
    connections.remove(subscriber);
    cables.remove(subscriber);
    subscribers.remove(subscriber);
    if (cables.isEmpty()) {
      tallies.clear();
    }
  }

  /** The tally of a client; it is kept until no client is connected any more. */
  Tally tally(int client) {
    return tallies.computeIfAbsent(client, unused -> new Tally());
  }

  /** Starts sending. @param whenOver runs once nothing more will become due */
  void send(Sending newSending, Runnable whenOver) {
    sending = newSending;
    over = whenOver;
  }

  @Override
  public long tick(long now) {
    if (now >= nextPingCheck) {
      ping(now);
      nextPingCheck = now + PING_CHECK_NANOS;
    }
    welcomeNext(now);
    long next = asking.isEmpty() ? nextPingCheck : Math.min(nextPingCheck, nextWelcome);
    if (over == null) {
      return next;
    }
    long nextEvent = sending.advance(now);
    if (sending.isOver(now)) {
      Runnable done = over;
      over = null;
      done.run();
      return next;
    }
    return Math.min(next, nextEvent);
  }

  @Override
  public boolean isExact() {
    return over != null && sending.isExact();
  }

  private void ping(long now) {
    while (!pings.isEmpty() && pings.peek().due() <= now) {
      Ping ping = pings.remove();
      if (!ping.subscriber().isLost()) {
        ping.subscriber().ping(System.currentTimeMillis() / 1000);
        pings.add(new Ping(ping.subscriber(), ping.due() + PING_NANOS));
      }
    }
  }

  /** Whether all due messages are written. */
  boolean isSettled() {
    return over == null && (sending == null || sending.isSettled());
  }

  /** Adds the number of messages written for each client. */
  Line counts(Line answer) {
    StringJoiner counts = new StringJoiner(",");
    tallies.forEach((client, tally) -> counts.add(client + ":" + tally.sent()));
    long unsent = sending == null ? 0 : sending.unsent();
    return answer.with("sent", sent()).with("unsent", unsent).with("counts", counts);
  }

  void drop() {
    for (Subscriber subscriber : List.copyOf(connections)) {
      subscriber.close();
      subscriber.lost("dropped");
    }
  }

  /** The number of TCP connections, upgraded or not. */
  int connections() {
    return connections.size();
  }

  /** The number of welcomed connections. */
  int cables() {
    return cables.size();
  }

  /** The number of messages written so far. */
  long sent() {
    return tallies.values().stream().mapToLong(Tally::sent).sum();
  }

  Subscriber[] subscribers() {
    return subscribers.toArray(new Subscriber[0]);
  }

  /** The message of an echo. */
  Message echo() {
    return echo;
  }
}
