package cablestream.support.wire;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;

/**
 * An event as an EventSource would dispatch it.
 *
 * @param name {@code message} if none was sent
 * @param id the last one that was sent on the stream, or the empty string
 */
public record StreamedEvent(String name, String id, String data) {
  public JsonObject json() {
    try (JsonReader reader = Json.createReader(new StringReader(data))) {
      return reader.readObject();
    }
  }

  /** The member {@code type} of the data. */
  public String type() {
    return json().getString("type");
  }
}
