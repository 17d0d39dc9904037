package cablestream.standalone.demo;

import jakarta.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A message each second, as long as somebody is subscribed. */
final class TickChannel implements Channel {
  private int tick;

  @Override
  public void subscribed(DemoSubscription subscription) {
    subscription.every(Duration.ofSeconds(1), () -> tick(subscription));
  }

  private void tick(DemoSubscription subscription) {
    tick++;
    subscription.transmit(
        Json.createObjectBuilder()
            .add("tick", tick)
            .add("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
            .build());
  }
}
