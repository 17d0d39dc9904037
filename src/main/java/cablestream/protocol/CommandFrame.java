package cablestream.protocol;

import cablestream.log.Identifier;
import cablestream.text.JsonText;

/** Commands as ActionCable's own client writes them (consumer.js, subscriptions.js). */
final class CommandFrame {
  private CommandFrame() {}

  static String subscribe(Identifier identifier) {
    return frame("subscribe", identifier, null);
  }

  static String unsubscribe(Identifier identifier) {
    return frame("unsubscribe", identifier, null);
  }

  /**
   * @param data JSON, as a text
   */
  static String message(Identifier identifier, String data) {
    return frame("message", identifier, data);
  }

  private static String frame(String command, Identifier identifier, String data) {
    StringBuilder frame = new StringBuilder("{\"command\":\"").append(command);
    JsonText.quote(frame.append("\",\"identifier\":"), identifier.json());
    if (data != null) {
      JsonText.quote(frame.append(",\"data\":"), data);
    }
    return frame.append('}').toString();
  }
}
