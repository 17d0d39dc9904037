package cablestream.cable.jetty;

import cablestream.cable.DialRequest.Header;
import cablestream.outbound.AnswerLimit;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.websocket.core.Behavior;
import org.eclipse.jetty.websocket.core.Configuration.ConfigurationCustomizer;
import org.eclipse.jetty.websocket.core.ExtensionStack;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.Negotiated;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.WebSocketConstants;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.client.CoreClientUpgradeRequest;
import org.eclipse.jetty.websocket.core.client.WebSocketCoreClient;
import org.eclipse.jetty.websocket.core.exception.WebSocketException;

/** The request for an upgrade, and the handling of its response. */
final class JettyUpgrade extends CoreClientUpgradeRequest
    implements Response.HeaderListener, Response.HeadersListener {
  private static final ConfigurationCustomizer CONFIGURATION = configuration();

  private final WebSocketCoreClient client;
  private final List<String> protocols;
  private final JettyCableSocket socket;
  private final AnswerLimit limit = new AnswerLimit();

  JettyUpgrade(
      WebSocketCoreClient client,
      URI url,
      List<Header> headers,
      List<String> protocols,
      JettyCableSocket socket) {
    super(client, url);
    this.client = client;
    this.protocols = protocols;
    this.socket = socket;
    setSubProtocols(protocols);
    headers(fields -> headers.forEach(header -> fields.put(header.name(), header.value())));
  }

  @Override
  public FrameHandler getFrameHandler() {
    return socket;
  }

  @Override
  public boolean onHeader(Response response, HttpField field) {
    return limit.onHeader(response, field);
  }

  /** Aborts without reading the body of a refusal, which may be endless. */
  @Override
  public void onHeaders(Response response) {
    if (response.getStatus() != HttpStatus.SWITCHING_PROTOCOLS_101) {
      boolean redirect = HttpStatus.isRedirection(response.getStatus());
      socket.refused(
          response.getStatus(), redirect ? response.getHeaders().get(HttpHeader.LOCATION) : null);
      response.abort(new IOException("refused"));
    }
  }

  /** A connection whose upgrade failed is useless. */
  @Override
  public void onComplete(Result result) {
    super.onComplete(result);
    Connection connection = result.getRequest().getConnection();
    if (result.isFailed() && connection != null) {
      connection.close();
    }
  }

  /** Replaces Jetty's own connection by a {@link JettyConnection}. */
  @Override
  public void upgrade(Response response, EndPoint endPoint) {
    WebSocketComponents components = client.getWebSocketComponents();
    WebSocketCoreSession session =
        new WebSocketCoreSession(
            socket, Behavior.CLIENT, negotiated(response, components), components);
    session.setClassLoader(client.getClassLoader());
    CONFIGURATION.customize(session);
    JettyConnection connection =
        new JettyConnection(
            endPoint, client.getHttpClient(), components.getByteBufferPool(), session);
    session.setWebSocketConnection(connection);
    socket.upgraded(connection);
    endPoint.upgrade(connection);
  }

  /**
   * The server may choose one of the offered subprotocols or none, and no extension, as none was
   * offered.
   */
  private Negotiated negotiated(Response response, WebSocketComponents components) {
    List<String> chosen = response.getHeaders().getCSV(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, false);
    if (chosen.size() > 1 || !protocols.containsAll(chosen)) {
      throw new WebSocketException("a subprotocol that wasn't requested");
    }
    if (response.getHeaders().contains(HttpHeader.SEC_WEBSOCKET_EXTENSIONS)) {
      throw new WebSocketException("an extension that wasn't requested");
    }
    ExtensionStack extensions = new ExtensionStack(components, Behavior.CLIENT);
    extensions.negotiate(List.of(), List.of());
    return new Negotiated(
        getURI(),
        chosen.isEmpty() ? null : chosen.get(0),
        HttpScheme.isSecure(getURI().getScheme()),
        extensions,
        WebSocketConstants.SPEC_VERSION_STRING);
  }

  private static ConfigurationCustomizer configuration() {
    ConfigurationCustomizer configuration = new ConfigurationCustomizer();
    configuration.setIdleTimeout(Duration.ZERO);
    // Fragments are delivered as they arrive, and limited by the receiver.
    configuration.setAutoFragment(true);
    configuration.setMaxFrameSize(0);
    configuration.setMaxTextMessageSize(0);
    configuration.setMaxBinaryMessageSize(0);
    configuration.setInputBufferSize(4096);
    configuration.setOutputBufferSize(4096);
    return configuration;
  }
}
