package cablestream.bench.lab;

import cablestream.bench.control.Child;
import cablestream.bench.control.Line;
import cablestream.bench.load.LoadGenerator;
import cablestream.bench.server.SimulatedServer;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The simulated server and the load generator, each in a process of its own. */
public final class Lab implements AutoCloseable {
  private static final List<String> FLAGS = List.of("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC");

  private final Child server;
  private final Child load;
  private final URI cable;
  private final int warm;

  /** Starts both. @param cablePort of the simulated server; 0 for any free one */
  public Lab(int cablePort) {
    this(cablePort, 1);
  }

  /**
   * Starts both.
   *
   * @param cablePort of the simulated server; 0 for any free one
   * @param warm the factor for all warm-up times
   */
  public Lab(int cablePort, int warm) {
    this.warm = warm;
    server = Child.start("server", FLAGS, SimulatedServer.class, Integer.toString(cablePort));
    load = Child.start("load", FLAGS, LoadGenerator.class);
    if (!server.sharesClock() || !load.sharesClock()) {
      close();
      throw new IllegalStateException("System.nanoTime isn't the same clock in all processes here");
    }
    int port = server.ask(Line.of("state")).integer("port");
    cable = URI.create("ws://127.0.0.1:" + port + "/cable");
  }

  /** The simulated server's URL. */
  public URI cable() {
    return cable;
  }

  /** The factor for a scenario's warm-up times with that target. */
  int warmUps(Target target) {
    return warm * target.warmUps();
  }

  /** The simulated server. */
  public Child server() {
    return server;
  }

  /** The load generator. */
  public Child load() {
    return load;
  }

  /** The load generator's herd: who has reconnected, or has a message, since then. */
  Line back(long nanoTime) {
    return load.ask(Line.of("back").with("since", nanoTime));
  }

  /** The number of the simulated server's cables. */
  public int cables() {
    return server.ask(Line.of("state")).integer("cables");
  }

  /** The number of its connections, upgraded or not. */
  int connections() {
    return server.ask(Line.of("state")).integer("connections");
  }

  /**
   * Waits for a condition.
   *
   * @return false if it didn't hold in time
   */
  public static boolean waitFor(BooleanSupplier condition, double seconds) {
    long deadline = System.nanoTime() + (long) (seconds * 1e9);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      rest(0.05);
    }
    return true;
  }

  /** Sleeps. */
  public static void rest(double seconds) {
    try {
      TimeUnit.MILLISECONDS.sleep((long) (seconds * 1000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    load.close();
    server.close();
  }
}
