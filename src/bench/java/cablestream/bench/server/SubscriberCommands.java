package cablestream.bench.server;

import cablestream.bench.wire.Message;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;

/** Parses the commands of an Action Cable client. */
final class SubscriberCommands {
  /** Receives the parsed commands. */
  interface Sink {
    /**
     * A subscription.
     *
     * @param client the number in its identifier
     * @param identifierJson the identifier as a JSON string, to be repeated
     */
    void subscribe(int client, String identifierJson);

    /** A message to be echoed. */
    void echo(Message.Reader message);
  }

  private SubscriberCommands() {}

  static void read(String text, Sink sink) {
    JsonObject command = object(text);
    if (command.getString("command").equals("subscribe")) {
      String identifier = command.getString("identifier");
      int client = object(identifier).getInt("client");
      sink.subscribe(client, command.getJsonString("identifier").toString());
    } else if (command.getString("command").equals("message")) {
      byte[] data = command.getString("data").getBytes(StandardCharsets.UTF_8);
      Message.Reader message = new Message.Reader();
      if (message.read(data, 0, data.length)) {
        sink.echo(message);
      }
    }
  }

  private static JsonObject object(String text) {
    try (JsonReader reader = Json.createReader(new StringReader(text))) {
      return reader.readObject();
    }
  }
}
