package cablestream.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import cablestream.support.ServerSocketFrames.Frame;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A server whose every byte the test writes, for behavior that no correct server shows. It accepts
 * one connection at a time, and its methods block: the test's own thread acts as the server.
 */
public final class RawWebSocketServer implements Closeable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int ACCEPT_MILLIS = 10;

  private final ServerSocket listener;
  private final Queue<Socket> accepted = new ConcurrentLinkedQueue<>();

  public RawWebSocketServer() throws IOException {
    listener = new ServerSocket(0, 4_096, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(ACCEPT_MILLIS);
  }

  public URI url() {
    return URI.create("ws://127.0.0.1:" + listener.getLocalPort() + "/cable");
  }

  /**
   * Accepts a connection and reads its request. Jetty's client sometimes opens an additional
   * connection on which it sends nothing; that one is skipped.
   */
  public Peer accept() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      for (Socket socket : accepted) {
        if (socket.getInputStream().available() > 0) {
          accepted.remove(socket);
          return new Peer(socket);
        }
      }
      acceptSoon();
    }
    throw new SocketTimeoutException("no request has come");
  }

  private void acceptSoon() throws IOException {
    try {
      accepted.add(listener.accept());
    } catch (SocketTimeoutException nobody) {
      // the request may arrive on an earlier connection
    }
  }

  /** Accepts a connection and upgrades it. */
  public Peer acceptAndUpgrade() throws IOException {
    return accept().upgrade();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : accepted) {
      socket.close();
    }
  }

  /** The other side of a connection. */
  public static final class Peer implements Closeable {
    private final Socket socket;
    private final DataInputStream in;
    private final String request;

    Peer(Socket socket) throws IOException {
      this.socket = socket;
      socket.setSoTimeout((int) PATIENCE.toMillis());
      in = new DataInputStream(socket.getInputStream());
      request = ServerSocketFrames.readHead(in);
    }

    /** The head of the request as received, with its blank line. */
    public String request() {
      return request;
    }

    /** A header of the request; empty if it is missing. */
    public String header(String name) {
      return ServerSocketFrames.header(request, name);
    }

    public Peer upgrade() throws IOException {
      return write(ServerSocketFrames.upgrade(request));
    }

    /** Upgrades with this header line in addition to the mandatory ones. */
    public Peer upgradeWith(String header) throws IOException {
      return write(ServerSocketFrames.upgrade(request, header));
    }

    public Peer write(String latin1) throws IOException {
      return write(latin1.getBytes(ISO_8859_1));
    }

    public Peer write(byte... bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    }

    /**
     * Writes a WebSocket frame.
     *
     * @param firstByte FIN (0x80) and the opcode
     */
    public Peer frame(int firstByte, String text) throws IOException {
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      ServerSocketFrames.write(frame, firstByte, text.getBytes(UTF_8));
      return write(frame.toByteArray());
    }

    /** Sets how long a read waits for a byte: 10 s by default, zero for no limit. */
    public Peer patience(Duration limit) throws IOException {
      socket.setSoTimeout(Math.toIntExact(limit.toMillis()));
      return this;
    }

    /** Reads a masked frame and returns its first byte and its payload. */
    public String readFrame() throws IOException {
      Frame frame = ServerSocketFrames.read(in);
      return String.format("%02x ", frame.first()) + new String(frame.payload(), ISO_8859_1);
    }

    /** Reads and discards all bytes until the connection is closed or reset. */
    public void awaitEnd() throws IOException {
      byte[] rest = new byte[8192];
      try {
        while (in.read(rest) >= 0) {
          // discarded
        }
      } catch (SocketException reset) {
        // a reset also ends the connection
      }
    }

    /** Reads and discards all available bytes, until none has arrived for half a second. */
    public long drain() throws IOException {
      byte[] rest = new byte[65_536];
      long bytes = 0;
      socket.setSoTimeout(500);
      try {
        for (int read = in.read(rest); read >= 0; read = in.read(rest)) {
          bytes += read;
        }
      } catch (SocketTimeoutException quiet) {
        // nothing more has arrived
      }
      return bytes;
    }

    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    public void shutdownOutput() throws IOException {
      socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
