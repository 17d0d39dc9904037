package cablestream.hardening;

import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.Site;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Regular clients of the same bridge. One streams and one polls numbers, fifty per second: they
 * record each number that is missing, repeated or out of order, and the delay of each. Twice per
 * second a new client connects, sends a command and leaves, and the polling one sends a command:
 * they record refusals and failed commands.
 */
final class Neighbours implements AutoCloseable {
  private static final Duration BETWEEN_NEWCOMERS = Duration.ofMillis(500);
  private static final long PATIENCE_MILLIS = 30_000;

  /** Recorded by a newcomer that was refused because all places are occupied. */
  static final String NO_PLACE = "newcomer: 503";

  private final Visitor streaming;
  private final Visitor polling;
  private final EventStream stream;
  private final Sequence streamed = new Sequence("stream");
  private final Sequence polled = new Sequence("poll");
  private final Waits newcomers = new Waits();
  private final Map<String, Integer> noticed = new LinkedHashMap<>(); // guarded by itself
  private volatile boolean over;

  Neighbours(Site site) {
    streaming = Visitor.of(site);
    polling = Visitor.of(site);
    stream = streaming.listenTo(CableSession.NUMBERS);
    polling.poll("timeout=0");
    polling.subscribe(CableSession.NUMBERS);
    CableServer.start("neighbour-streams", this::stream);
    CableServer.start("neighbour-polls", this::poll);
    CableServer.start("newcomers", () -> welcomeNewcomers(site));
    awaitNews();
  }

  /** Waits until both have received something sent after this call; otherwise they record it. */
  void awaitNews() {
    streamed.awaitNews();
    polled.awaitNews();
  }

  /** The records since the last call. */
  List<String> noticed() {
    synchronized (noticed) {
      List<String> since = new ArrayList<>();
      noticed.forEach(
          (what, times) -> since.add(times == 1 ? what : what + " (" + times + " times)"));
      noticed.clear();
      return since;
    }
  }

  /** Only what arrives from now on counts. */
  void beginAnew() {
    streamed.waits.forget();
    polled.waits.forget();
    newcomers.forget();
    noticed();
  }

  long worstMillis() {
    return Math.max(streamed.waits.worstMillis(), polled.waits.worstMillis());
  }

  long p99Millis() {
    return Math.max(streamed.waits.p99Millis(), polled.waits.p99Millis());
  }

  long newcomersWorstMillis() {
    return newcomers.worstMillis();
  }

  /** The ids of their sessions, which no log may contain. */
  List<String> ids() {
    return List.of(streaming.id(), polling.id());
  }

  @Override
  public void close() {
    over = true;
    stream.close();
  }

  void notice(String what) {
    synchronized (noticed) {
      if (!over) {
        noticed.merge(what, 1, Integer::sum);
      }
    }
  }

  private void stream() {
    try {
      while (!over) {
        StreamedEvent event = stream.next(Duration.ofDays(1));
        streamed.hear(event.json());
      }
    } catch (AssertionError e) {
      notice("stream: " + e.getMessage());
    }
  }

  private void poll() {
    String cursor = "0";
    while (!over) {
      try {
        RawResponse answer = polling.poll("timeout=5&last-event-id=" + cursor);
        if (answer.status() != 200) {
          notice("poll: " + answer.status() + " " + answer.text());
          pause();
          continue;
        }
        for (JsonObject event :
            answer.json().getJsonArray("messages").getValuesAs(JsonObject.class)) {
          polled.hear(event);
          cursor = event.getString("msg_id");
        }
      } catch (UncheckedIOException e) {
        notice("poll: " + e.getCause());
        pause();
      }
    }
  }

  private void welcomeNewcomers(Site site) {
    while (!over) {
      pause();
      Visitor newcomer = Visitor.of(site);
      long before = System.nanoTime();
      try {
        RawResponse answer = newcomer.poll("timeout=0");
        newcomers.add(System.nanoTime() - before);
        if (answer.status() != 200) {
          notice("newcomer: " + answer.status() + " " + answer.text());
        }
        newcomer.delete();
        RawResponse commanded = polling.subscribe(CableSession.NUMBERS);
        if (commanded.status() != 200) {
          notice("command: " + commanded.status() + " " + commanded.text());
        }
      } catch (UncheckedIOException e) {
        notice("newcomer: " + e.getCause());
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(BETWEEN_NEWCOMERS.toMillis());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The numbers that one of them receives. */
  private final class Sequence {
    final Waits waits = new Waits();
    private final String who;
    private long latest; // guarded by this

    Sequence(String who) {
      this.who = who;
    }

    synchronized void hear(JsonObject event) {
      if (!event.getString("type").equals("received")) {
        if (!List.of("joined", "connected").contains(event.getString("type"))) {
          notice(who + ": " + event);
        }
        return;
      }
      JsonArray message = event.getJsonArray("message");
      waits.add(System.nanoTime() - message.getJsonNumber(1).longValue());
      long number = message.getJsonNumber(0).longValue();
      if (number != latest + 1) {
        notice(who + ": number " + number + " after number " + latest);
      }
      latest = number;
      notifyAll();
    }

    synchronized void awaitNews() {
      long before = latest;
      long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
      try {
        while (latest == before && System.nanoTime() < deadline) {
          wait(100);
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      if (latest == before) {
        waits.add(PATIENCE_MILLIS * 1_000_000);
        notice(who + ": nothing for " + PATIENCE_MILLIS + " ms");
      }
    }
  }
}
