package cablestream.standalone.demo;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The demonstration's channels. */
final class DemoChannels {
  /** By the name that a client subscribes to. */
  static final Map<String, Supplier<Channel>> BY_NAME =
      new TreeMap<>(
          Map.of(
              "TickChannel", Tick::new,
              "TicksChannel", Ticks::new,
              "ChatChannel", Chat::new,
              "EchoChannel", Echo::new,
              "BurstChannel", Burst::new,
              "RejectChannel", Reject::new,
              "SlowChannel", Slow::new,
              "HeadersChannel", Headers::new,
              "ConnectionChannel", Connection::new));

  static final Duration SLOW_CONFIRMATION = Duration.ofSeconds(3);

  private static final int MAX_BURST = 100_000;

  private DemoChannels() {}

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  /** A message each second, while there are subscribers. */
  private static final class Tick extends Channel {
    private int tick;

    @Override
    void subscribed() {
      every(Duration.ofSeconds(1), this::tick);
    }

    private void tick() {
      tick++;
      transmit(Json.createObjectBuilder().add("tick", tick).add("time", now()).build());
    }
  }

  /** The server's numbered ticks, the same for all. */
  private static final class Ticks extends Channel {
    @Override
    void subscribed() {
      streamFrom(DemoServer.TICKS);
    }
  }

  /**
   * Sends what one client says ({@code speak} with a {@code text}) to all clients in the same
   * {@code room}. The speaker is the cable URL's {@code ?user=}.
   */
  private static final class Chat extends Channel {
    @Override
    void subscribed() {
      streamFrom("chat:" + parameters().getOrDefault("room", JsonValue.NULL));
    }

    @Override
    void perform(String action, JsonObject data) {
      if (action.equals("speak")) {
        List<String> users = connection().query().getOrDefault("user", List.of("somebody"));
        broadcast(
            Json.createObjectBuilder()
                .add("user", users.get(0))
                .add("text", data.getOrDefault("text", JsonValue.NULL))
                .add("time", now())
                .build());
      }
    }
  }

  /**
   * {@code echo} returns the data, including {@code action}; {@code value} returns only the data's
   * {@code value}, which may be any JSON: a string, a number, an array.
   */
  private static final class Echo extends Channel {
    @Override
    void perform(String action, JsonObject data) {
      switch (action) {
        case "echo" -> transmit(data);
        case "value" -> transmit(data.getOrDefault("value", JsonValue.NULL));
        default -> {}
      }
    }
  }

  /** {@code burst} sends {@code count} numbered messages at once, at most 100,000. */
  private static final class Burst extends Channel {
    @Override
    void perform(String action, JsonObject data) {
      if (action.equals("burst")) {
        int count = Math.min(MAX_BURST, data.getInt("count", 10));
        transmitAll(IntStream.rangeClosed(1, count).mapToObj(n -> message(n, count)).iterator());
      }
    }

    private static String message(int n, int count) {
      return Json.createObjectBuilder().add("n", n).add("of", count).build().toString();
    }
  }

  /** Rejects every subscription. */
  private static final class Reject extends Channel {
    @Override
    void subscribed() {
      reject();
    }
  }

  /** Confirms after 3 s, like a channel with slow queries; then echoes. */
  private static final class Slow extends Channel {
    @Override
    void subscribed() {
      confirmAfter(SLOW_CONFIRMATION);
    }

    @Override
    void perform(String action, JsonObject data) {
      if (action.equals("echo")) {
        transmit(data);
      }
    }
  }

  /**
   * Shows the headers of the WebSocket's upgrade, which the bridge forwards, without secrets: of
   * cookies and the query only the names, of Authorization only the scheme. It transmits before the
   * confirmation, which clients must handle.
   */
  private static final class Headers extends Channel {
    @Override
    void subscribed() {
      Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      headers.putAll(connection().headers());
      transmit(
          Json.createObjectBuilder()
              .add("headers", shown(headers))
              .add("cookies", strings(cookieNames(headers)))
              .add("query", strings(connection().query().keySet()))
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

  /**
   * {@code disconnect} ends the caller's own connection like {@code remote_connections…disconnect}
   * in Rails; {@code reconnect}, true by default, tells the client whether to reconnect.
   */
  private static final class Connection extends Channel {
    @Override
    void perform(String action, JsonObject data) {
      if (action.equals("disconnect")) {
        connection().disconnect("remote", data.getBoolean("reconnect", true));
      }
    }
  }
}
