package cablestream.standalone.demo;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What one says ({@code speak} with a {@code text}), all in the same {@code room} get. Who one is
 * says the cable URL's {@code ?user=}.
 */
final class ChatChannel implements Channel {
  @Override
  public void subscribed(DemoSubscription subscription) {
    JsonValue room = subscription.parameters().getOrDefault("room", JsonValue.NULL);
    subscription.streamFrom("chat:" + room);
  }

  @Override
  public void perform(DemoSubscription subscription, String action, JsonObject data) {
    if (!action.equals("speak")) {
      return;
    }
    subscription.broadcast(
        Json.createObjectBuilder()
            .add("user", subscription.query().getOrDefault("user", List.of("somebody")).get(0))
            .add("text", data.getOrDefault("text", JsonValue.NULL))
            .add("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
            .build());
  }
}
