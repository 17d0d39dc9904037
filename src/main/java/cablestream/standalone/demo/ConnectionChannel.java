package cablestream.standalone.demo;

import jakarta.json.JsonObject;

/**
 * {@code disconnect} ends the caller's own connection as {@code remote_connections…disconnect} does
 * in Rails; with {@code reconnect}, true by default, the client is told whether to come back.
 */
final class ConnectionChannel implements Channel {
  @Override
  public void perform(DemoSubscription subscription, String action, JsonObject data) {
    if (action.equals("disconnect")) {
      subscription.connection().disconnect("remote", data.getBoolean("reconnect", true));
    }
  }
}
