package cablestream.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import cablestream.support.wire.EventStream;
import cablestream.support.wire.RawResponse;
import cablestream.support.wire.StreamedEvent;
import cablestream.support.wire.Visitor;
import jakarta.json.JsonArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A client that receives a continuous sequence of numbers. It records each number that is missing,
 * repeated, out of order or late, and each other event.
 */
final class Bystander {
  /** Longer than a pause of a busy machine, shorter than any timeout of the bridge. */
  private static final Duration LATE = Duration.ofSeconds(5);

  private final Visitor visitor;
  private final EventStream stream;

  // Guarded by this.
  private final List<String> noticed = new ArrayList<>();
  private long latest;

  Bystander(Victim victim) {
    visitor = victim.visitor();
    stream = visitor.listen();
    stream.next("joined");
    visitor.subscribe(CableSession.NUMBERS);
    stream.next("connected");
    CableServer.start("bystander", this::listen);
    awaitNumber();
  }

  /** The bystander's identity, which attackers would like to know. */
  Visitor visitor() {
    return visitor;
  }

  /** The response that opened its stream. */
  RawResponse answer() {
    return stream.response();
  }

  /** The cursor of a listener that has received all events of this session so far. */
  String cursor() {
    return stream.response().header("x-session-id").orElseThrow() + "-" + (number() + 1);
  }

  /** Fails if it recorded anything since the last call, or if numbers no longer arrive. */
  synchronized void hasNoticedNothing() {
    awaitNumber();
    List<String> since = List.copyOf(noticed);
    noticed.clear();
    assertThat(since).as("what a bystander noticed").isEmpty();
  }

  private synchronized void awaitNumber() {
    long before = latest;
    long deadline = System.nanoTime() + LATE.toNanos();
    try {
      for (long left = LATE.toMillis(); latest == before; ) {
        assertThat(left).as("milliseconds until a bystander has waited too long").isPositive();
        wait(left);
        left = (deadline - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private synchronized long number() {
    return latest;
  }

  private void listen() {
    try {
      while (true) {
        hear(stream.next(Duration.ofDays(1)));
      }
    } catch (AssertionError e) {
      notice(e.getMessage());
    }
  }

  private synchronized void hear(StreamedEvent event) {
    if (!event.type().equals("received")) {
      notice(event.toString());
      return;
    }
    JsonArray message = event.json().getJsonArray("message");
    long number = message.getJsonNumber(0).longValue();
    if (number != latest + 1) {
      notice("number " + number + " after number " + latest);
    }
    latest = number;
    notifyAll();
    long nanos = System.nanoTime() - message.getJsonNumber(1).longValue();
    if (nanos > LATE.toNanos()) {
      notice("number " + number + " after " + nanos / 1_000_000 + " ms");
    }
  }

  private synchronized void notice(String what) {
    noticed.add(what);
  }
}
