package cablestream.standalone;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The command {@code java -jar cablestream.war --health}: requests {@code /-/health} from the
 * bridge of this machine or container, as images have no curl. It unpacks nothing and loads only
 * classes of the JDK.
 */
final class HealthCheck {
  private static final int PATIENCE_MILLIS = 2_000;

  private static final int STATUS_LENGTH = "HTTP/1.1 200".length();

  private HealthCheck() {}

  /**
   * Sends one request; waits at most two seconds for the connection, and for each part of the
   * response. Returns the requested address.
   *
   * @throws IOException says what was requested, and why the bridge isn't healthy
   */
  static String run() throws IOException {
    int port = port();
    String context = setting("http.path", "/cable-events");
    String path = (context.equals("/") ? "" : context) + "/-/health";
    InetSocketAddress address = new InetSocketAddress(host(), port);
    boolean isIpv6 = address.getAddress() instanceof Inet6Address;
    String host = address.getAddress().getHostAddress();
    String url = "http://%s:%d%s".formatted(isIpv6 ? "[" + host + "]" : host, port, path);
    try {
      ask(address, path);
    } catch (IOException e) {
      throw new IOException(url + ": " + e.getMessage(), e);
    }
    return url;
  }

  private static void ask(InetSocketAddress address, String path) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(address, PATIENCE_MILLIS);
      String request = "GET %s HTTP/1.0\r\n\r\n".formatted(path);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] start = socket.getInputStream().readNBytes(STATUS_LENGTH);
      String status = new String(start, StandardCharsets.US_ASCII);
      if (!status.matches("HTTP/1\\.. 200")) {
        throw new IOException("the answer begins with \"" + status + "\"");
      }
    }
  }

  private static int port() throws IOException {
    String port = setting("http.port", "8080");
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IOException("http.port is invalid: " + port);
    }
    return Integer.parseInt(port);
  }

  /** The bridge's address; loopback if it listens on all addresses. */
  private static InetAddress host() throws IOException {
    InetAddress address = InetAddress.getByName(setting("http.host", "127.0.0.1"));
    return address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
  }

  /**
   * A setting as the bridge itself finds it, without the bridge's reader, which needs the server's
   * class loader.
   */
  private static String setting(String name, String fallback) {
    String full = "cablestream." + name;
    String property = System.getProperty(full, "").strip();
    if (!property.isEmpty()) {
      return property;
    }
    String variable = System.getenv(full.toUpperCase(Locale.ROOT).replace('.', '_'));
    boolean isSet = variable != null && !variable.isBlank() && !isOfKubernetes(variable);
    return isSet ? variable.strip() : fallback;
  }

  /** Whether Kubernetes set the variable, from the name of a service. */
  private static boolean isOfKubernetes(String variable) {
    return variable.matches("(tcp|udp|sctp)://.*");
  }
}
