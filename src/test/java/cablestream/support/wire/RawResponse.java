package cablestream.support.wire;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonStructure;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A response.
 *
 * @param headers their lines as received
 * @param body empty if a stream was opened
 */
public record RawResponse(int status, List<String> headers, byte[] body) {
  /** A header that may occur once. */
  public Optional<String> header(String name) {
    List<String> values = headers(name);
    if (values.size() > 1) {
      throw new AssertionError(name + " stands there more than once: " + values);
    }
    return values.stream().findFirst();
  }

  /** All the values of a header, in order. */
  public List<String> headers(String name) {
    return headers.stream()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .toList();
  }

  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  public JsonObject json() {
    return (JsonObject) structure();
  }

  public JsonArray jsonArray() {
    return (JsonArray) structure();
  }

  private JsonStructure structure() {
    try (JsonReader reader = Json.createReader(new StringReader(text()))) {
      return reader.read();
    } catch (RuntimeException e) {
      throw new AssertionError("Not JSON: " + this, e);
    }
  }

  @Override
  public String toString() {
    return status + " " + headers + " " + text();
  }
}
