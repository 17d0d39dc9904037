package cablestream.standalone.demo;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.Map;

/** The WebSocket side of one client: hands what the container says to the server's thread. */
public final class DemoEndpoint extends Endpoint {
  /** In this order in Rails: {@code ActionCable::INTERNAL[:protocols]}. */
  private static final List<String> SUBPROTOCOLS =
      List.of("actioncable-v1-json", "actioncable-unsupported");

  /** Rails has no limit; large enough for what the bridge lets through. */
  private static final int MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

  private static final String HEADERS = "cablestream.standalone.demo.headers";

  private final DemoServer server;
  private DemoConnection connection;

  private DemoEndpoint(DemoServer server) {
    this.server = server;
  }

  static ServerEndpointConfig configuration(String path, DemoServer server) {
    return ServerEndpointConfig.Builder.create(DemoEndpoint.class, path)
        .subprotocols(SUBPROTOCOLS)
        .configurator(new Handshake(server))
        .build();
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    session.setMaxIdleTimeout(0);
    session.setMaxTextMessageBufferSize(MAX_MESSAGE_BYTES);
    connection = new DemoConnection(server, session, headers(config));
    session.addMessageHandler(
        String.class, (MessageHandler.Whole<String>) frame -> connection.received(frame));
    server.execute(connection::opened);
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    server.execute(connection::closed);
  }

  /** A reset is what a client does that loses its network; the container closes after it. */
  @Override
  public void onError(Session session, Throwable error) {}

  @SuppressWarnings("unchecked")
  private static Map<String, List<String>> headers(EndpointConfig config) {
    return (Map<String, List<String>>) config.getUserProperties().get(HEADERS);
  }

  private static final class Handshake extends ServerEndpointConfig.Configurator {
    private final DemoServer server;

    Handshake(DemoServer server) {
      this.server = server;
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) {
      return type.cast(new DemoEndpoint(server));
    }

    /**
     * {@link SameOriginFilter} has judged it: the container would answer 403, and Rails doesn't.
     */
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
