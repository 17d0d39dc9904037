package cablestream.session;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;

/** An event as parsed by an EventSource. */
record SseEvent(String id, String type, String data) {
  /** Null for a block without data: a comment, a retry. */
  static SseEvent parse(String block) {
    String id = null;
    String type = "message";
    StringBuilder data = new StringBuilder();
    for (String line : block.split("\n")) {
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        type = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data.append(data.isEmpty() ? "" : "\n").append(line.substring(6));
      }
    }
    return data.isEmpty() ? null : new SseEvent(id, type, data.toString());
  }

  JsonObject json() {
    return Json.createReader(new StringReader(data)).readObject();
  }

  /** The type of a classic API event, with its main parts. */
  String brief() {
    if (!type.equals("message")) {
      return type;
    }
    JsonObject json = json();
    if (!json.containsKey("session_id")) {
      return data;
    }
    return switch (json.getString("type")) {
      case "received" -> "received " + json.get("message");
      case "joined" -> "joined" + (json.containsKey("resumed") ? " " + json.get("resumed") : "");
      case "gap" -> "gap " + json.get("dropped");
      case "closed" -> "closed " + json.getString("reason");
      case "disconnected" -> "disconnected " + json.getJsonObject("message").getString("reason");
      case "connected" -> json.containsKey("reconnected") ? "connected again" : "connected";
      default -> json.getString("type");
    };
  }
}
