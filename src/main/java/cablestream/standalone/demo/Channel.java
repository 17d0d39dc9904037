package cablestream.standalone.demo;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Future;

/**
 * One subscription of one client; ActionCable::Channel::Base, whose subclasses are the
 * application's channels. The server's thread only.
 */
abstract class Channel {
  private enum State {
    PENDING,
    CONFIRMED,
    REJECTED,
    ENDED
  }

  private final List<Future<?>> timers = new ArrayList<>();
  private DemoConnection connection;
  private String identifier;
  private JsonObject parameters;
  private State state = State.PENDING;
  private boolean deferred;
  private String stream;

  /** Before the confirmation, which follows unless this rejects or defers it. */
  void subscribed() {}

  /**
   * @param data the client's data, including {@code action}; unknown actions have no answer
   */
  void perform(String action, JsonObject data) {}

  final void begin(DemoConnection connection, String identifier, JsonObject parameters) {
    this.connection = connection;
    this.identifier = identifier;
    this.parameters = parameters;
    subscribed();
    if (state == State.PENDING && !deferred) {
      confirm();
    }
  }

  final void end() {
    state = State.ENDED;
    timers.forEach(timer -> timer.cancel(false));
    if (stream != null) {
      connection.server().leave(stream, this);
    }
  }

  final boolean isConfirmed() {
    return state == State.CONFIRMED;
  }

  final JsonObject parameters() {
    return parameters;
  }

  final DemoConnection connection() {
    return connection;
  }

  /** Also before the confirmation: what Rails' {@code subscribed} transmits overtakes it. */
  final void transmit(JsonValue message) {
    transmit(message.toString());
  }

  /**
   * @param message JSON, sent unchanged
   */
  final void transmit(String message) {
    connection.send(Frames.message(identifier, message));
  }

  /** Messages that are made while they are sent, so that a hundred thousand need no memory. */
  final void transmitAll(Iterator<String> messages) {
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

  final void reject() {
    state = State.REJECTED;
    connection.rejected(identifier);
    connection.send(Frames.reject(identifier));
  }

  /** Confirms later, instead of when {@code subscribed} returns. */
  final void confirmAfter(Duration delay) {
    deferred = true;
    timers.add(connection.server().after(delay, this::confirm));
  }

  private void confirm() {
    state = State.CONFIRMED;
    connection.send(Frames.confirm(identifier));
  }

  final void streamFrom(String name) {
    stream = name;
    connection.server().join(name, this);
  }

  final void broadcast(JsonValue message) {
    connection.server().broadcast(stream, message.toString());
  }

  /** Repeats the task until the subscription ends. */
  final void every(Duration period, Runnable task) {
    timers.add(connection.server().every(period, task));
  }
}
