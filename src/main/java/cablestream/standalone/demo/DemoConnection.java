package cablestream.standalone.demo;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.StringReader;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client, from its welcome to its close; ActionCable::Connection::Base. The container calls the
 * {@code on…} methods on any thread; everything else runs on the server's thread.
 */
public final class DemoConnection extends Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(DemoConnection.class);

  /** In Rails' order: {@code ActionCable::INTERNAL[:protocols]}. */
  private static final List<String> SUBPROTOCOLS =
      List.of("actioncable-v1-json", "actioncable-unsupported");

  /** Rails has no limit; this one exceeds the bridge's. */
  private static final int MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

  private static final String HEADERS = "cablestream.standalone.demo.headers";

  private final DemoServer server;
  private final Map<String, Supplier<Channel>> channels;
  private final Map<String, Channel> subscriptions = new LinkedHashMap<>();
  private DemoOutbox outbox;
  private Map<String, List<String>> headers;
  private Map<String, List<String>> query;

  private DemoConnection(DemoServer server, Map<String, Supplier<Channel>> channels) {
    this.server = server;
    this.channels = channels;
  }

  /**
   * The endpoint at a path.
   *
   * @param channels by their class names
   */
  static ServerEndpointConfig endpoint(
      String path, DemoServer server, Map<String, Supplier<Channel>> channels) {
    return ServerEndpointConfig.Builder.create(DemoConnection.class, path)
        .subprotocols(SUBPROTOCOLS)
        .configurator(new Handshake(() -> new DemoConnection(server, channels)))
        .build();
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

  @Override
  @SuppressWarnings("unchecked")
  public void onOpen(Session session, EndpointConfig config) {
    session.setMaxIdleTimeout(0);
    session.setMaxTextMessageBufferSize(MAX_MESSAGE_BYTES);
    outbox = new DemoOutbox(session, server::execute);
    headers = (Map<String, List<String>>) config.getUserProperties().get(HEADERS);
    query = session.getRequestParameterMap();
    session.addMessageHandler(
        String.class,
        (MessageHandler.Whole<String>) frame -> server.execute(() -> carryOut(frame)));
    server.execute(this::opened);
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    server.execute(this::closed);
  }

  /** A client that loses its network causes a reset; the container then closes the connection. */
  @Override
  public void onError(Session session, Throwable error) {}

  /** {@code ?unauthorized=1} simulates an application whose {@code connect} rejects the caller. */
  private void opened() {
    if (query.containsKey("unauthorized")) {
      disconnect("unauthorized", false);
      return;
    }
    server.add(this);
    send(Frames.welcome());
  }

  private void closed() {
    server.remove(this);
    subscriptions.values().forEach(Channel::end);
    subscriptions.clear();
  }

  /** Sends the disconnect message, then closes the WebSocket with 1000. */
  void disconnect(String reason, boolean reconnect) {
    send(Frames.disconnect(reason, reconnect));
    outbox.close();
  }

  void send(String frame) {
    outbox.add(List.of(frame).iterator());
  }

  void sendAll(Iterator<String> frames) {
    outbox.add(frames);
  }

  /** An invalid command is only logged: Rails never answers it. */
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
    if (!channels.containsKey(name)) {
      LOG.info("subscription class not found: {}", name);
      return;
    }
    Channel channel = channels.get(name).get();
    subscriptions.put(identifier, channel);
    channel.begin(this, identifier, parameters);
  }

  private void unsubscribe(String identifier) {
    Channel channel = subscriptions.remove(identifier);
    if (channel != null) {
      channel.end();
    }
  }

  /** A message before its subscription's confirmation is lost, as is possible in Rails. */
  private void perform(String identifier, String data) {
    Channel channel = subscriptions.get(identifier);
    if (channel == null || !channel.isConfirmed()) {
      LOG.info("unable to find subscription with identifier: {}", identifier);
      return;
    }
    JsonObject parsed = parse(data);
    channel.perform(parsed.getString("action", "receive"), parsed);
  }

  void rejected(String identifier) {
    subscriptions.remove(identifier);
  }

  private static JsonObject parse(String text) {
    try (JsonReader reader = Json.createReader(new StringReader(text))) {
      return reader.readObject();
    }
  }

  private static final class Handshake extends ServerEndpointConfig.Configurator {
    private final Supplier<DemoConnection> connections;

    Handshake(Supplier<DemoConnection> connections) {
      this.connections = connections;
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) {
      return type.cast(connections.get());
    }

    /** {@link SameOriginFilter} has checked it: the container would return 403, unlike Rails. */
    @Override
    public boolean checkOrigin(String origin) {
      return true;
    }

    @Override
    public void modifyHandshake(
        ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
      config.getUserProperties().put(HEADERS, Map.copyOf(request.getHeaders()));
    }
  }
}
