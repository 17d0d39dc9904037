package cablestream.bench.load;

import cablestream.bench.control.Line;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Opens sessions, a limited number at once, and when all are open, subscribes them in the same way.
 * On the reactor's thread only.
 */
final class Opening implements LoadClient.Progress {
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private final int concurrency;
  private final CompletableFuture<Line> outcome;
  private final Queue<LoadClient> waiting = new ArrayDeque<>();
  private final Map<LoadClient, Long> underWay = new HashMap<>();
  private final Queue<LoadClient> open = new ArrayDeque<>();
  private final Histogram durations = Recorder.histogram();
  private final Line answer = Line.of("ok");
  private Consumer<LoadClient> step;
  private boolean subscribing;
  private long phaseStart;
  private int done;
  private int failed;
  private String why = "";
  private final Map<String, Integer> reasons = new TreeMap<>();

  Opening(List<LoadClient> clients, int concurrency, CompletableFuture<Line> outcome) {
    this.concurrency = concurrency;
    this.outcome = outcome;
    waiting.addAll(clients);
  }

  void start() {
    step = client -> client.open(this);
    startPhase();
  }

  private void startPhase() {
    phaseStart = System.nanoTime();
    done = 0;
    proceed();
  }

  private void proceed() {
    while (underWay.size() < concurrency && !waiting.isEmpty()) {
      LoadClient next = waiting.remove();
      underWay.put(next, System.nanoTime());
      step.accept(next);
    }
    if (underWay.isEmpty() && waiting.isEmpty() && !outcome.isDone()) {
      endPhase();
    }
  }

  private void endPhase() {
    double seconds = (System.nanoTime() - phaseStart) / 1e9;
    if (subscribing) {
      outcome.complete(
          answer
              .with("subscribed", done)
              .with("subscribeSeconds", seconds)
              .with("failed", failed)
              .with("why", word(why))
              .with("reasons", listed()));
      return;
    }
    answer.with("opened", done).with("seconds", seconds);
    answer.with("durations", Recorder.encode(durations));
    subscribing = true;
    waiting.addAll(open);
    step = LoadClient::subscribe;
    startPhase();
  }

  @Override
  public void opened(LoadClient client, long now) {
    Long start = underWay.remove(client);
    if (start != null) {
      durations.recordValue(now - start);
      open.add(client);
      done++;
      proceed();
    }
  }

  @Override
  public void subscribed(LoadClient client) {
    if (underWay.remove(client) != null) {
      done++;
      proceed();
    }
  }

  @Override
  public void failed(LoadClient client, String reason) {
    if (underWay.remove(client) != null) {
      failed++;
      why = reason;
      reasons.merge(word(reason), 1, Integer::sum);
      client.close();
      proceed();
    }
  }

  private static String word(String text) {
    // Of a refusal only the status line, because the rest contains the time.
    return text.replaceFirst("(?s)[\\r\\n].*", "").replaceAll("[\\s;=]+", "_");
  }

  /** {@code reason=times;reason=times;…} */
  private String listed() {
    StringJoiner listed = new StringJoiner(";");
    reasons.forEach((reason, times) -> listed.add(reason + "=" + times));
    return listed.toString();
  }

  /** Fails sessions that take too long. */
  void expire(long now) {
    for (Map.Entry<LoadClient, Long> entry : List.copyOf(underWay.entrySet())) {
      if (now - entry.getValue() > PATIENCE_NANOS) {
        failed(entry.getKey(), subscribing ? "not subscribed in time" : "not opened in time");
      }
    }
  }
}
