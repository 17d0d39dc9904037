package cablestream.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** For a server that has to be told its port, and for an address where nobody listens. */
public final class FreePort {
  /** Below those that Linux gives to whoever asks for any, and to connections (ip(7)). */
  private static final int FIRST = 20_000;

  private static final int LAST = 32_000;
  private static final int TRIES = 100;

  private FreePort() {}

  /**
   * A port of the loopback address that nobody has now. It is none that the system may give to
   * somebody else until it is used, which may be a second later.
   */
  public static int find() {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (ServerSocket once = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return once.getLocalPort();
      } catch (IOException e) {
        // Somebody has it: another one.
      }
    }
    throw new AssertionError("No port is free from " + FIRST + " to " + LAST);
  }
}
