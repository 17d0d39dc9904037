package cablestream.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds ports for servers that need a fixed one, and for addresses where nothing listens. */
public final class FreePort {
  /** Below the range from which Linux assigns ports by itself (ip(7)). */
  private static final int FIRST = 20_000;

  private static final int LAST = 32_000;
  private static final int TRIES = 100;

  private FreePort() {}

  /**
   * A free port of the loopback address. Because it is outside of the range from which the system
   * assigns ports, it stays free until it is used.
   */
  public static int find() {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (ServerSocket once = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return once.getLocalPort();
      } catch (IOException e) {
        // This port is in use; try another one.
      }
    }
    throw new AssertionError("No port is free from " + FIRST + " to " + LAST);
  }
}
