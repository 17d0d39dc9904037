package cablestream.standalone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What {@code java -jar cablestream.war --health} does: asks the bridge of this machine (or this
 * container) for {@code /-/health}, as an image has no curl. It unpacks nothing and loads nothing
 * but the JDK.
 */
final class HealthCheck {
  private static final int PATIENCE_MILLIS = 2_000;

  private static final int STATUS_LENGTH = "HTTP/1.1 200".length();

  private HealthCheck() {}

  /**
   * Asks once; waits two seconds for a connection, and as long for each part of an answer.
   *
   * @throws IOException says why it isn't healthy
   */
  static void run() throws IOException {
    String path = setting("http.path", "/cable-events");
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      int port = Integer.parseInt(setting("http.port", "8080"));
      socket.connect(new InetSocketAddress(host(), port), PATIENCE_MILLIS);
      String request = "GET %s/-/health HTTP/1.0\r\n\r\n".formatted(path.equals("/") ? "" : path);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] start = socket.getInputStream().readNBytes(STATUS_LENGTH);
      String status = new String(start, StandardCharsets.US_ASCII);
      if (!status.matches("HTTP/1\\.. 200")) {
        throw new IOException("the answer begins with \"" + status + "\"");
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("http.port is no port: " + e.getMessage(), e);
    }
  }

  /** Where it listens; by loopback where it listens everywhere. */
  private static InetAddress host() throws IOException {
    InetAddress address = InetAddress.getByName(setting("http.host", "127.0.0.1"));
    return address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
  }

  /** As the bridge itself finds it; its own reader lies where only a server needs it. */
  private static String setting(String name, String fallback) {
    String full = "cablestream." + name;
    String property = System.getProperty(full, "").strip();
    if (!property.isEmpty()) {
      return property;
    }
    String variable = System.getenv(full.toUpperCase(Locale.ROOT).replace('.', '_'));
    return variable == null || variable.isBlank() ? fallback : variable.strip();
  }
}
