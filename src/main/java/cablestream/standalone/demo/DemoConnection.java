package cablestream.standalone.demo;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.websocket.Session;
import java.io.StringReader;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client, from its welcome to its close; ActionCable::Connection::Base. All but {@link
 * #received} runs on the server's thread.
 */
final class DemoConnection {
  private static final Logger LOG = LoggerFactory.getLogger(DemoConnection.class);

  private final DemoServer server;
  private final DemoOutbox outbox;
  private final Map<String, List<String>> headers;
  private final Map<String, List<String>> query;
  private final Map<String, DemoSubscription> subscriptions = new LinkedHashMap<>();

  DemoConnection(DemoServer server, Session session, Map<String, List<String>> headers) {
    this.server = server;
    this.outbox = new DemoOutbox(session, server::execute);
    this.headers = headers;
    this.query = session.getRequestParameterMap();
  }

  Map<String, List<String>> headers() {
    return headers;
  }

  Map<String, List<String>> query() {
    return query;
  }

  DemoServer server() {
    return server;
  }

  /** {@code ?unauthorized=1} plays an application whose {@code connect} refuses the caller. */
  void opened() {
    if (query.containsKey("unauthorized")) {
      disconnect("unauthorized", false);
      return;
    }
    server.add(this);
    send(Frames.welcome());
  }

  void closed() {
    server.remove(this);
    subscriptions.values().forEach(DemoSubscription::end);
    subscriptions.clear();
  }

  void ping(long unixSeconds) {
    send(Frames.ping(unixSeconds));
  }

  /** Says good-bye; the client sees its WebSocket closed with 1000 after that. */
  void disconnect(String reason, boolean reconnect) {
    send(Frames.disconnect(reason, reconnect));
    outbox.close();
  }

  void send(String frame) {
    outbox.add(List.of(frame).iterator());
  }

  /** Frames that are made while they are sent, so that a hundred thousand need no memory. */
  void sendAll(Iterator<String> frames) {
    outbox.add(frames);
  }

  /** Any thread. */
  void received(String frame) {
    server.execute(() -> carryOut(frame));
  }

  /** What can't be carried out is only logged: Rails never answers it. */
  private void carryOut(String frame) {
    try {
      JsonObject command = parse(frame);
      String identifier = command.getString("identifier", "");
      switch (command.getString("command", "")) {
        case "subscribe" -> subscribe(identifier);
        case "unsubscribe" -> unsubscribe(identifier);
        case "message" -> perform(identifier, command.getString("data", ""));
        default -> LOG.info("unrecognized command");
      }
    } catch (JsonException e) {
      LOG.info("malformed command");
    }
  }

  private void subscribe(String identifier) {
    if (subscriptions.containsKey(identifier)) {
      return;
    }
    JsonObject parameters = parse(identifier);
    String name = parameters.getString("channel", "");
    Channel channel = DemoChannels.named(name);
    if (channel == null) {
      LOG.info("subscription class not found: {}", name);
      return;
    }
    DemoSubscription subscription = new DemoSubscription(this, identifier, parameters, channel);
    subscriptions.put(identifier, subscription);
    subscription.begin();
  }

  private void unsubscribe(String identifier) {
    DemoSubscription subscription = subscriptions.remove(identifier);
    if (subscription != null) {
      subscription.end();
    }
  }

  /** A message that overtakes its subscription's confirmation is lost, as it can be in Rails. */
  private void perform(String identifier, String data) {
    DemoSubscription subscription = subscriptions.get(identifier);
    if (subscription == null || !subscription.isConfirmed()) {
      LOG.info("unable to find subscription with identifier: {}", identifier);
      return;
    }
    subscription.perform(parse(data));
  }

  void rejected(String identifier) {
    subscriptions.remove(identifier);
  }

  private static JsonObject parse(String text) {
    try (JsonReader reader = Json.createReader(new StringReader(text))) {
      return reader.readObject();
    }
  }
}
