package cablestream.cable;

import cablestream.text.JsonText;
import java.util.List;

/**
 * Action Cable's protocol as its own client speaks it (actioncable/app/javascript/action_cable:
 * internal.js, consumer.js, subscriptions.js): the names, and the client's frames. {@link
 * CableFrame} reads the server's.
 */
public final class ActionCableProtocol {
  /** The answer of a server that supports none of the offered protocols. */
  static final String UNSUPPORTED = "actioncable-unsupported";

  /** The subprotocols that a client offers. */
  static final List<String> NAMES = List.of("actioncable-v1-json", UNSUPPORTED);

  /** The server's reason to disconnect a rejected caller. */
  static final String UNAUTHORIZED = "unauthorized";

  private ActionCableProtocol() {}

  /**
   * @param identifier the channel's, as JSON text
   */
  public static String subscribe(String identifier) {
    return frame("subscribe", identifier, null);
  }

  /**
   * @param identifier the channel's, as JSON text
   */
  public static String unsubscribe(String identifier) {
    return frame("unsubscribe", identifier, null);
  }

  /**
   * @param identifier the channel's, as JSON text
   * @param data JSON text
   */
  public static String message(String identifier, String data) {
    return frame("message", identifier, data);
  }

  private static String frame(String command, String identifier, String data) {
    StringBuilder frame = new StringBuilder("{\"command\":\"").append(command);
    JsonText.quote(frame.append("\",\"identifier\":"), identifier);
    if (data != null) {
      JsonText.quote(frame.append(",\"data\":"), data);
    }
    return frame.append('}').toString();
  }
}
