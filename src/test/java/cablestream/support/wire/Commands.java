package cablestream.support.wire;

import jakarta.json.Json;

/** Commands and identifiers as JSON, as a client might write them. */
public final class Commands {
  public static final String ECHO = "{\"channel\":\"EchoChannel\"}";
  public static final String RAW = "{\"channel\":\"RawChannel\"}";
  public static final String BURST = "{\"channel\":\"BurstChannel\"}";
  public static final String REJECT = "{\"channel\":\"RejectChannel\"}";
  public static final String HEADERS = "{\"channel\":\"HeadersChannel\"}";

  private Commands() {}

  public static String chat(String room) {
    return "{\"channel\":\"ChatChannel\",\"room\":" + quote(room) + "}";
  }

  /** A channel whose subscription takes this many seconds. */
  public static String slow(double seconds) {
    return "{\"channel\":\"SlowChannel\",\"seconds\":" + seconds + "}";
  }

  public static String subscribe(String identifier) {
    return "{\"identifier\":" + identifier + ",\"subscribe\":true}";
  }

  public static String unsubscribe(String identifier) {
    return "{\"identifier\":" + identifier + ",\"unsubscribe\":true}";
  }

  public static String send(String identifier, String data) {
    return "{\"identifier\":" + identifier + ",\"send\":" + data + "}";
  }

  public static String echo(String identifier, String text) {
    return send(identifier, "{\"action\":\"echo\",\"text\":" + quote(text) + "}");
  }

  /** Makes RawChannel send exactly these bytes as its message. */
  public static String raw(String json) {
    return send(RAW, "{\"action\":\"raw\",\"json\":" + quote(json) + "}");
  }

  public static String quote(String text) {
    return Json.createValue(text).toString();
  }
}
