package cablestream.standalone.demo;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;

/** What a channel has of the one subscription that it serves. The server's thread only. */
final class DemoSubscription {
  private enum State {
    PENDING,
    CONFIRMED,
    REJECTED,
    ENDED
  }

  private final DemoConnection connection;
  private final String identifier;
  private final JsonObject parameters;
  private final Channel channel;
  private final List<Future<?>> timers = new ArrayList<>();
  private State state = State.PENDING;
  private boolean deferred;
  private String stream;

  DemoSubscription(
      DemoConnection connection, String identifier, JsonObject parameters, Channel channel) {
    this.connection = connection;
    this.identifier = identifier;
    this.parameters = parameters;
    this.channel = channel;
  }

  void begin() {
    channel.subscribed(this);
    if (state == State.PENDING && !deferred) {
      confirm();
    }
  }

  void end() {
    state = State.ENDED;
    timers.forEach(timer -> timer.cancel(false));
    if (stream != null) {
      connection.server().leave(stream, this);
    }
  }

  boolean isConfirmed() {
    return state == State.CONFIRMED;
  }

  void perform(JsonObject data) {
    channel.perform(this, data.getString("action", "receive"), data);
  }

  JsonObject parameters() {
    return parameters;
  }

  DemoConnection connection() {
    return connection;
  }

  Map<String, List<String>> query() {
    return connection.query();
  }

  /** Also before the confirmation: what Rails' {@code subscribed} transmits overtakes it. */
  void transmit(JsonValue message) {
    transmit(message.toString());
  }

  /**
   * @param message JSON, sent as it is
   */
  void transmit(String message) {
    connection.send(Frames.message(identifier, message));
  }

  void transmitAll(Iterator<String> messages) {
    connection.sendAll(
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return messages.hasNext();
          }

          @Override
          public String next() {
            return Frames.message(identifier, messages.next());
          }
        });
  }

  void reject() {
    state = State.REJECTED;
    connection.rejected(identifier);
    connection.send(Frames.reject(identifier));
  }

  /** Confirms later, instead of when {@code subscribed} returns. */
  void confirmAfter(Duration delay) {
    deferred = true;
    timers.add(connection.server().after(delay, this::confirm));
  }

  private void confirm() {
    state = State.CONFIRMED;
    connection.send(Frames.confirm(identifier));
  }

  void streamFrom(String name) {
    stream = name;
    connection.server().join(name, this);
  }

  void broadcast(JsonValue message) {
    connection.server().broadcast(stream, message.toString());
  }

  /** Until the subscription ends. */
  void every(Duration period, Runnable task) {
    timers.add(connection.server().every(period, task));
  }
}
