package cablestream.standalone.server;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * One WebSocket of an Action Cable server, as {@link WarmUp} needs it: it sends a welcome, confirms
 * every subscription, and answers every other command with ten messages
 * (action_cable/connection/base.rb). It reads on once its answer is sent.
 */
final class WarmUpCable implements FrameHandler {
  static final String PROTOCOL = "actioncable-v1-json";
  static final int MESSAGES = 10;

  /** A JSON string; the bridge always writes the members of a command in the same order. */
  private static final Pattern IDENTIFIER =
      Pattern.compile("\"identifier\":\"(?:[^\"\\\\]|\\\\.)*+\"");

  private static final String MESSAGE =
      "\"message\":{\"id\":41,\"text\":\"" + "as long as a line of a chat ".repeat(6) + "\"}";

  private CoreSession session;

  @Override
  public void onOpen(CoreSession opened, Callback callback) {
    session = opened;
    callback.succeeded();
    send("{\"type\":\"welcome\"}", true);
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    String command = StandardCharsets.UTF_8.decode(frame.getPayload()).toString();
    callback.succeeded();
    Matcher identifier = IDENTIFIER.matcher(command);
    if (frame.getOpCode() != OpCode.TEXT || !identifier.find()) {
      session.demand();
    } else if (command.contains("\"subscribe\"")) {
      send("{" + identifier.group() + ",\"type\":\"confirm_subscription\"}", true);
    } else {
      for (int i = 1; i <= MESSAGES; i++) {
        send("{" + identifier.group() + "," + MESSAGE + "}", i == MESSAGES);
      }
    }
  }

  private void send(String text, boolean last) {
    Callback sent = last ? Callback.from(session::demand) : Callback.NOOP;
    session.sendFrame(new Frame(OpCode.TEXT, text), sent, !last);
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
