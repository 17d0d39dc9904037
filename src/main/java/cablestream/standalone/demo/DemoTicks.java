package cablestream.standalone.demo;

import java.time.Duration;

/**
 * Broadcasts a number five times a second, whether anybody hears it or not, as the rest of an
 * application does while its Action Cable server restarts. The server's thread, but for {@link
 * #latest}.
 */
final class DemoTicks {
  static final String STREAM = "ticks";
  static final Duration PERIOD = Duration.ofMillis(200);

  private final DemoServer server;
  private volatile long latest;

  DemoTicks(DemoServer server) {
    this.server = server;
    server.every(PERIOD, this::tick);
  }

  private void tick() {
    long next = latest + 1;
    latest = next;
    server.broadcast(STREAM, "{\"tick\":" + next + ",\"time\":" + System.currentTimeMillis() + "}");
  }

  /** The number of the last one. Any thread. */
  long latest() {
    return latest;
  }
}
