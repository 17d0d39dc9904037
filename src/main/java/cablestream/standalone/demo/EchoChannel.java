package cablestream.standalone.demo;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;

/**
 * {@code echo} sends back the data, {@code action} included; {@code value} sends back the data's
 * {@code value} alone, which may be any JSON: a string, a number, an array.
 */
final class EchoChannel implements Channel {
  @Override
  public void perform(DemoSubscription subscription, String action, JsonObject data) {
    switch (action) {
      case "echo" -> subscription.transmit(data);
      case "value" -> subscription.transmit(data.getOrDefault("value", JsonValue.NULL));
      default -> {}
    }
  }
}
