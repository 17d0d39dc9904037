package cablestream.standalone.demo;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The channels by the name that a client subscribes to. */
final class DemoChannels {
  private static final Map<String, Supplier<Channel>> BY_NAME =
      new TreeMap<>(
          Map.of(
              "TickChannel", TickChannel::new,
              "TicksChannel", TicksChannel::new,
              "ChatChannel", ChatChannel::new,
              "EchoChannel", EchoChannel::new,
              "BurstChannel", BurstChannel::new,
              "RejectChannel", RejectChannel::new,
              "SlowChannel", SlowChannel::new,
              "HeadersChannel", HeadersChannel::new,
              "ConnectionChannel", ConnectionChannel::new));

  private DemoChannels() {}

  /** A new one, or null. */
  static Channel named(String name) {
    Supplier<Channel> channel = BY_NAME.get(name);
    return channel == null ? null : channel.get();
  }

  static Collection<String> names() {
    return BY_NAME.keySet();
  }
}
