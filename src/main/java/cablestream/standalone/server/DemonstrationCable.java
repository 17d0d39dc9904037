package cablestream.standalone.server;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;

/**
 * An ActionCable server on a loopback port, as far as {@link WarmUp} needs one: it greets, confirms
 * whatever is subscribed to, and says ten messages for each that it is told
 * (action_cable/connection/base.rb). Its path is a secret: nobody else gets in.
 */
final class DemonstrationCable {
  private static final String PROTOCOL = "actioncable-v1-json";
  private static final int MOST_THREADS = 8;

  /** What a browser is told for each of its messages. */
  static final int MESSAGES = 10;

  private static final String SUBSCRIBE = "{\"command\":\"subscribe\"";
  private static final String IDENTIFIER = "\"identifier\":";

  /** A chat's line, or some such. */
  private static final String MESSAGE =
      "{\"id\":41,\"author\":\"demonstration\",\"text\":\""
          + "what somebody says ".repeat(8)
          + "\"}";

  private final String path;
  private final Server server;
  private final ServerConnector connector;

  /**
   * Starts it.
   *
   * @param secret nobody else's
   */
  DemonstrationCable(String secret) throws Exception {
    path = "/" + secret;
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS);
    threads.setName("warm-up-cable");
    threads.setDaemon(true);
    server = new Server(threads);
    connector = new ServerConnector(server, 1, 1);
    connector.setHost(WarmUp.LOOPBACK);
    server.addConnector(connector);
    WebSocketUpgradeHandler upgrade = new WebSocketUpgradeHandler();
    upgrade.addMapping(path, DemonstrationCable::accept);
    server.setHandler(upgrade);
    server.start();
  }

  URI url() {
    return URI.create("ws://" + connector.getHost() + ":" + connector.getLocalPort() + path);
  }

  private static FrameHandler accept(
      ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
    response.setAcceptedSubProtocol(PROTOCOL);
    return new Client();
  }

  void stop() throws Exception {
    server.stop();
  }

  /** One WebSocket. It reads on when what it has said is on its way. */
  private static final class Client implements FrameHandler {
    private CoreSession session;

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
      session = opened;
      callback.succeeded();
      say("{\"type\":\"welcome\"}", true);
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
      if (frame.getOpCode() == OpCode.TEXT) {
        String command = StandardCharsets.UTF_8.decode(frame.getPayload()).toString();
        callback.succeeded();
        answer(command);
      } else {
        callback.succeeded();
        session.demand();
      }
    }

    private void answer(String command) {
      String identifier = identifier(command);
      if (command.startsWith(SUBSCRIBE)) {
        say("{" + IDENTIFIER + identifier + ",\"type\":\"confirm_subscription\"}", true);
      } else {
        for (int i = 1; i <= MESSAGES; i++) {
          say("{" + IDENTIFIER + identifier + ",\"message\":" + MESSAGE + "}", i == MESSAGES);
        }
      }
    }

    /** A JSON string with all its quotes; the bridge writes the same members in the same order. */
    private static String identifier(String command) {
      int start = command.indexOf(IDENTIFIER) + IDENTIFIER.length();
      int end = start + 1;
      while (command.charAt(end) != '"') {
        end += command.charAt(end) == '\\' ? 2 : 1;
      }
      return command.substring(start, end + 1);
    }

    /**
     * @param last whether nothing follows, so that it reads on once this is written
     */
    private void say(String text, boolean last) {
      Callback then = last ? Callback.from(session::demand) : Callback.NOOP;
      session.sendFrame(new Frame(OpCode.TEXT, text), then, !last);
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
      callback.succeeded();
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
      callback.succeeded();
    }
  }
}
