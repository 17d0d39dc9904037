package cablestream.standalone.demo;

import jakarta.json.JsonObject;
import java.time.Duration;

/** Confirms after 3 s, as a channel does that looks things up first; then echoes. */
final class SlowChannel implements Channel {
  static final Duration DELAY = Duration.ofSeconds(3);

  @Override
  public void subscribed(DemoSubscription subscription) {
    subscription.confirmAfter(DELAY);
  }

  @Override
  public void perform(DemoSubscription subscription, String action, JsonObject data) {
    if (action.equals("echo")) {
      subscription.transmit(data);
    }
  }
}
