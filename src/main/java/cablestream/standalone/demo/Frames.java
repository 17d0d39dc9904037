package cablestream.standalone.demo;

import jakarta.json.Json;

/** The frames of an Action Cable server, formatted as Rails formats them. */
final class Frames {
  private Frames() {}

  static String welcome() {
    return "{\"type\":\"welcome\"}";
  }

  static String ping(long unixSeconds) {
    return "{\"type\":\"ping\",\"message\":" + unixSeconds + "}";
  }

  static String disconnect(String reason, boolean reconnect) {
    return "{\"type\":\"disconnect\",\"reason\":"
        + string(reason)
        + ",\"reconnect\":"
        + reconnect
        + "}";
  }

  static String confirm(String identifier) {
    return "{\"identifier\":" + string(identifier) + ",\"type\":\"confirm_subscription\"}";
  }

  static String reject(String identifier) {
    return "{\"identifier\":" + string(identifier) + ",\"type\":\"reject_subscription\"}";
  }

  /**
   * @param message JSON
   */
  static String message(String identifier, String message) {
    return "{\"identifier\":" + string(identifier) + ",\"message\":" + escape(message) + "}";
  }

  private static String string(String text) {
    return escape(Json.createValue(text).toString());
  }

  /** ActiveSupport's encoder makes JSON that is safe in HTML and JavaScript. */
  private static String escape(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }
}
