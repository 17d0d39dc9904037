package cablestream.standalone.demo;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tells what the WebSocket's upgrade carried, so that one sees what the bridge forwards. Secrets
 * stay out: of cookies and of the query only the names, of Authorization only the scheme. It does
 * so before the confirmation, which a client has to bear.
 */
final class HeadersChannel implements Channel {
  @Override
  public void subscribed(DemoSubscription subscription) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(subscription.connection().headers());
    subscription.transmit(
        Json.createObjectBuilder()
            .add("headers", shown(headers))
            .add("cookies", strings(cookieNames(headers)))
            .add("query", strings(subscription.query().keySet()))
            .build());
  }

  private static JsonObject shown(Map<String, List<String>> headers) {
    var shown = Json.createObjectBuilder();
    headers.forEach(
        (name, values) -> {
          switch (name.toLowerCase(Locale.ROOT)) {
            case "cookie" -> {}
            case "authorization" -> shown.add(name, values.get(0).split(" ", 2)[0] + " …");
            default -> shown.add(name, String.join(", ", values));
          }
        });
    return shown.build();
  }

  private static List<String> cookieNames(Map<String, List<String>> headers) {
    return headers.getOrDefault("Cookie", List.of()).stream()
        .flatMap(line -> Arrays.stream(line.split(";")))
        .map(pair -> pair.split("=", 2)[0].strip())
        .toList();
  }

  private static JsonArrayBuilder strings(Iterable<String> strings) {
    var array = Json.createArrayBuilder();
    strings.forEach(array::add);
    return array;
  }
}
