package cablestream.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A server of which the test writes every byte: for what no well-behaved server does. One
 * connection at a time; its methods block, so the test's own thread plays the server.
 */
public final class RawWebSocketServer implements Closeable {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

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
   * Accepts a connection and reads its request. Jetty's client now and then opens a connection more
   * than it needs, on which nothing ever comes: that one is passed over.
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
      // a request may have come on one that was accepted before
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
      request = readHead();
    }

    /** The request as it came, up to its blank line. */
    public String request() {
      return request;
    }

    public Peer upgrade() throws IOException {
      return upgradeWith("Sec-WebSocket-Protocol: actioncable-v1-json");
    }

    /** Upgrades with this header line beside those that have to be there. */
    public Peer upgradeWith(String header) throws IOException {
      return write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + header
              + "\r\nSec-WebSocket-Accept: "
              + accept()
              + "\r\n\r\n");
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
      byte[] payload = text.getBytes(UTF_8);
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      frame.write(firstByte);
      if (payload.length < 126) {
        frame.write(payload.length);
      } else {
        frame.write(127);
        for (int shift = 56; shift >= 0; shift -= 8) {
          frame.write((int) ((long) payload.length >> shift));
        }
      }
      frame.writeBytes(payload);
      return write(frame.toByteArray());
    }

    /** How long a read waits for a byte; 10 s where nothing is said, zero for ever. */
    public Peer patience(Duration limit) throws IOException {
      socket.setSoTimeout(Math.toIntExact(limit.toMillis()));
      return this;
    }

    /** Reads a masked frame: its first byte, then its payload. */
    public String readFrame() throws IOException {
      int first = in.readUnsignedByte();
      int length = in.readUnsignedByte() & 0x7F;
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = Math.toIntExact(in.readLong());
      }
      byte[] mask = in.readNBytes(4);
      byte[] payload = in.readNBytes(length);
      for (int i = 0; i < length; i++) {
        payload[i] ^= mask[i % 4];
      }
      return String.format("%02x ", first) + new String(payload, ISO_8859_1);
    }

    /** Reads and throws away whatever comes until the connection ends, one way or another. */
    public void awaitEnd() throws IOException {
      byte[] rest = new byte[8192];
      try {
        while (in.read(rest) >= 0) {
          // thrown away
        }
      } catch (SocketException reset) {
        // an end as well
      }
    }

    /** Reads and throws away what there is, until nothing has come for half a second. */
    public long drain() throws IOException {
      byte[] rest = new byte[65_536];
      long bytes = 0;
      socket.setSoTimeout(500);
      try {
        for (int read = in.read(rest); read >= 0; read = in.read(rest)) {
          bytes += read;
        }
      } catch (SocketTimeoutException quiet) {
        // that was all
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

    private String readHead() throws IOException {
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        head.append((char) in.readUnsignedByte());
      }
      return head.toString();
    }

    private String accept() {
      String key =
          request
              .lines()
              .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst()
              .orElseThrow();
      try {
        byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
        return Base64.getEncoder().encodeToString(digest);
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }
  }
}
