package cablestream.support.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * HTTP/1.1 over one connection without an HTTP client, to see the exact bytes and to violate the
 * protocol. For one thread.
 */
public final class RawClient implements AutoCloseable {
  private final Socket socket = new Socket();
  private final InputStream in;
  private final ResponseReader reader;

  private RawClient(int port, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
    in = new BufferedInputStream(socket.getInputStream());
    reader = new ResponseReader(in);
  }

  public static RawClient connect(int port) throws IOException {
    return new RawClient(port, 0);
  }

  /** A client with a small receive buffer, so that a server soon notices that it doesn't read. */
  public static RawClient connectWithSmallWindow(int port) throws IOException {
    return new RawClient(port, 4_096);
  }

  /** How long a read waits before it fails; 20 s by default. */
  public RawClient patience(Duration patience) throws IOException {
    socket.setSoTimeout((int) patience.toMillis());
    return this;
  }

  /** Sends a request without a body. */
  public RawClient get(String path, String... headers) throws IOException {
    return request("GET", path, headers);
  }

  /** Sends a request's head; a body may follow by {@link #send}. */
  public RawClient request(String method, String path, String... headers) throws IOException {
    StringBuilder head = new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    head.append("Host: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return send(head.append("\r\n").toString());
  }

  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  public RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Reads the status line and the headers of the next response. */
  public RawResponse head() throws IOException {
    return reader.head();
  }

  /** Reads the rest of a response whose head has been read, and which has a length or chunks. */
  public byte[] body(RawResponse head) throws IOException {
    if (head.status() != 204
        && head.header("Content-Length").or(() -> head.header("Transfer-Encoding")).isEmpty()) {
      throw new AssertionError("It goes on until the connection ends: " + head);
    }
    return reader.body(head, false).readAllBytes();
  }

  /** Reads one chunk of a chunked response; empty at its end. */
  public byte[] chunk() throws IOException {
    return reader.chunk();
  }

  /** Reads whole chunks until this many bytes have arrived. */
  public byte[] chunks(int bytes) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (all.size() < bytes) {
      byte[] chunk = chunk();
      if (chunk.length == 0) {
        throw new EOFException("the response ended after " + all.size() + " bytes");
      }
      all.write(chunk);
    }
    return all.toByteArray();
  }

  /** Reads until the connection is closed or reset. */
  public byte[] rest() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      in.transferTo(all);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection is still there, after " + all.size() + " bytes", e);
    } catch (IOException reset) {
      // A reset also ends it; what arrived before counts.
    }
    return all.toByteArray();
  }

  /** Ends the connection with an RST, as a crash or a firewall does. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
