package cablestream.bench.load;

import cablestream.bench.control.Line;
import cablestream.bench.wire.Reactor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.HdrHistogram.Histogram;

/**
 * Browsers that reconnect when their session is lost: an EventSource after the stream's retry time,
 * the page's script a second after a response that isn't a stream, or that fails a command; each
 * subscribes again. On the reactor's thread only.
 */
final class Herd implements LoadClient.Progress {
  private static final long AFTER_REFUSAL_MILLIS = 1_000;

  private record Return(long due, LoadClient client) implements Comparable<Return> {
    @Override
    public int compareTo(Return other) {
      return Long.compare(due, other.due);
    }
  }

  private final PriorityQueue<Return> returns = new PriorityQueue<>();

  /** Several events of one read may report the end, after which the client reconnects once. */
  private final Set<LoadClient> away = new HashSet<>();

  private final Map<LoadClient, Long> back = new HashMap<>();

  /** The first message of each since its subscription was lost. */
  private final Map<LoadClient, Long> messages = new HashMap<>();

  private int refused;
  private int failedCommands;
  private boolean dispersed;

  /** It has lost its connection, or was refused. */
  void lost(LoadClient client, String why) {
    if (dispersed || !away.add(client)) {
      return;
    }
    long delay = client.retryMillis();
    if (why.startsWith("a command")) {
      failedCommands++;
      delay = AFTER_REFUSAL_MILLIS;
    } else if (why.startsWith("HTTP/")) {
      refused++;
      delay = AFTER_REFUSAL_MILLIS;
    }
    client.renew();
    returns.add(new Return(System.nanoTime() + delay * 1_000_000, client));
  }

  /** From now on nobody reconnects: the sessions are about to be ended. */
  void disperse() {
    dispersed = true;
    returns.clear();
  }

  /** A message was received. */
  void heard(LoadClient client, long now) {
    messages.putIfAbsent(client, now);
  }

  /** No message follows until the bridge has subscribed again. */
  void interrupted(LoadClient client) {
    messages.remove(client);
  }

  /** Reconnects the clients that are due; returns the next time. */
  long tick(long now) {
    while (!returns.isEmpty() && returns.peek().due() <= now) {
      LoadClient client = returns.remove().client();
      away.remove(client);
      client.open(this);
    }
    return returns.isEmpty() ? Reactor.Ticker.NEVER : returns.peek().due();
  }

  @Override
  public void opened(LoadClient client, long now) {
    client.subscribe();
  }

  @Override
  public void subscribed(LoadClient client) {
    back.put(client, System.nanoTime());
  }

  @Override
  public void failed(LoadClient client, String why) {
    throw new IllegalStateException("a client of the herd fails by lost: " + why);
  }

  /** Adds the state so far. */
  Line report(Line answer, long since) {
    return answer
        .with("refused", refused)
        .with("failedCommands", failedCommands)
        .with("heard", messages.size())
        .with("times", after(since, back))
        .with("messages", after(since, messages));
  }

  private static String after(long since, Map<LoadClient, Long> moments) {
    Histogram times = Recorder.histogram();
    moments.values().forEach(at -> times.recordValue(Math.max(0, at - since)));
    return Recorder.encode(times);
  }
}
