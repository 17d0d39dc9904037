package cablestream.support.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * An HTTP/1.1 request with exactly the given headers, and {@code Host} and {@code Content-Length}
 * if they are missing. Each uses a new connection.
 */
public final class RawRequest {
  private final String method;
  private final int port;
  private final String target;
  private final StringBuilder headers = new StringBuilder();
  private byte[] body;
  private boolean ownHost;

  private String from;
  private SSLContext tls;
  private int receiveBuffer;
  private Duration timeout = Duration.ofSeconds(30);

  /**
   * @param port on the loopback address
   * @param target the path and the query, unchanged
   */
  public static RawRequest of(String method, int port, String target) {
    return new RawRequest(method, port, target);
  }

  private RawRequest(String method, int port, String target) {
    this.method = method;
    this.port = port;
    this.target = target;
  }

  /** Adds a line; a name may be given several times. */
  public RawRequest header(String name, String value) {
    return headers(List.of(name + ": " + value));
  }

  /** Adds unchanged lines: {@code Name: value}. */
  public RawRequest headers(List<String> lines) {
    for (String line : lines) {
      headers.append(line).append("\r\n");
      ownHost |= line.regionMatches(true, 0, "Host:", 0, 5);
    }
    return this;
  }

  /** Requests a WebSocket. */
  public RawRequest upgrade(String subprotocol) {
    return header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("Sec-WebSocket-Protocol", subprotocol);
  }

  public RawRequest body(String text) {
    return body(text.getBytes(StandardCharsets.UTF_8));
  }

  public RawRequest body(byte... bytes) {
    body = bytes;
    return this;
  }

  /** Sends from another loopback address, as {@code 127.0.0.2}. */
  public RawRequest from(String address) {
    from = address;
    return this;
  }

  /** Sends over TLS. */
  public RawRequest over(SSLContext context) {
    tls = context;
    return this;
  }

  /**
   * The approximate number of bytes that may wait to be read; with few, a server soon notices a
   * client that doesn't read.
   */
  public RawRequest receiveBuffer(int bytes) {
    receiveBuffer = bytes;
    return this;
  }

  /** How long the response may pause; 30 s by default. */
  public RawRequest timeout(Duration limit) {
    timeout = limit;
    return this;
  }

  /** Sends, and reads the whole response. */
  public RawResponse send() {
    try (Socket socket = open()) {
      return ResponseReader.of(socket).answer(method.equals("HEAD"));
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + target, e);
    }
  }

  /** The same on a connection that must end with the response. */
  public RawResponse sendAlone() {
    try (Socket socket = header("Connection", "close").open()) {
      ResponseReader reader = ResponseReader.of(socket);
      RawResponse answer = reader.answer(method.equals("HEAD"));
      if (!reader.isAtEnd()) {
        throw new AssertionError(method + " " + target + ": something follows " + answer);
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + target, e);
    }
  }

  /**
   * Sends, and reads the response as an event stream.
   *
   * @throws AssertionError if the status isn't 200
   */
  public EventStream listen() {
    try {
      Socket socket = open();
      EventStream stream = EventStream.over(socket);
      if (stream.response().status() != 200) {
        socket.close();
        throw new AssertionError(method + " " + target + ": " + stream.response());
      }
      return stream;
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + target, e);
    }
  }

  /** Sends, and leaves reading to the caller. */
  public Socket open() throws IOException {
    Socket socket = new Socket();
    if (from != null) {
      // Earlier connections from this address may still occupy its ports in TIME_WAIT.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    }
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
    Socket outer = tls == null ? socket : wrap(socket);
    try {
      outer.getOutputStream().write(bytes());
    } catch (SocketException e) {
      // A server may answer before it has read a body, and close (RFC 9112, 9.3). Then the answer
      // can be read; otherwise reading fails as well.
      if (body == null) {
        throw e;
      }
    }
    return outer;
  }

  private Socket wrap(Socket socket) throws IOException {
    return tls.getSocketFactory().createSocket(socket, "127.0.0.1", port, true);
  }

  /** What is sent: head and body. */
  public byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    if (!ownHost) {
      head.append("Host: 127.0.0.1:").append(port).append("\r\n");
    }
    head.append(headers);
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    if (body != null) {
      bytes.writeBytes(body);
    }
    return bytes.toByteArray();
  }
}
