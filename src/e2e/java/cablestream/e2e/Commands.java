package cablestream.e2e;

import jakarta.json.Json;

/** Commands and identifiers as JSON, spelt as a client might. */
final class Commands {
  static final String ECHO = "{\"channel\":\"EchoChannel\"}";
  static final String RAW = "{\"channel\":\"RawChannel\"}";
  static final String BURST = "{\"channel\":\"BurstChannel\"}";
  static final String REJECT = "{\"channel\":\"RejectChannel\"}";
  static final String HEADERS = "{\"channel\":\"HeadersChannel\"}";

  private Commands() {}

  static String chat(String room) {
    return "{\"channel\":\"ChatChannel\",\"room\":" + quote(room) + "}";
  }

  /** A channel that takes so many seconds to subscribe. */
  static String slow(double seconds) {
    return "{\"channel\":\"SlowChannel\",\"seconds\":" + seconds + "}";
  }

  static String subscribe(String identifier) {
    return "{\"identifier\":" + identifier + ",\"subscribe\":true}";
  }

  static String unsubscribe(String identifier) {
    return "{\"identifier\":" + identifier + ",\"unsubscribe\":true}";
  }

  static String send(String identifier, String data) {
    return "{\"identifier\":" + identifier + ",\"send\":" + data + "}";
  }

  static String echo(String identifier, String text) {
    return send(identifier, "{\"action\":\"echo\",\"text\":" + quote(text) + "}");
  }

  /** Has RawChannel send this as its message, to the byte. */
  static String raw(String json) {
    return send(RAW, "{\"action\":\"raw\",\"json\":" + quote(json) + "}");
  }

  static String quote(String text) {
    return Json.createValue(text).toString();
  }
}
