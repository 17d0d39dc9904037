package cablestream.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** For a server that has to be told its port, and for an address where nobody listens. */
public final class FreePort {
  private FreePort() {}

  /** A port of the loopback address that nobody has now. */
  public static int find() {
    try (ServerSocket once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return once.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
