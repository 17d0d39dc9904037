package cablestream.standalone.demo;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.util.stream.IntStream;

/** {@code burst} sends {@code count} numbered messages at once, 100,000 at most. */
final class BurstChannel implements Channel {
  private static final int MAX = 100_000;

  @Override
  public void perform(DemoSubscription subscription, String action, JsonObject data) {
    if (!action.equals("burst")) {
      return;
    }
    int count = Math.min(MAX, data.getInt("count", 10));
    subscription.transmitAll(
        IntStream.rangeClosed(1, count).mapToObj(n -> message(n, count)).iterator());
  }

  private static String message(int n, int count) {
    return Json.createObjectBuilder().add("n", n).add("of", count).build().toString();
  }
}
