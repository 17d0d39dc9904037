package cablestream.standalone.demo;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** One connection through the {@link Hop}, on the hop's thread. */
final class HopLink {
  private static final int BUFFER = 16 * 1024;

  private static final Pattern CONTROL =
      Pattern.compile("(GET|POST) [^ ?]*" + Pattern.quote(Hop.CONTROL) + "[? ]");

  private static final Pattern UPGRADE =
      Pattern.compile("\r\nupgrade: *websocket", Pattern.CASE_INSENSITIVE);

  private final SocketChannel client;
  private final SocketChannel server;
  private final SelectionKey fromClient;
  private final SelectionKey fromServer;
  private final ByteBuffer up = ByteBuffer.allocate(BUFFER);
  private final ByteBuffer down = ByteBuffer.allocate(BUFFER);
  private boolean clientEnded;
  private boolean serverEnded;
  private boolean webSocket;

  /** Whether the network was cut while it was open. */
  private boolean wasCut;

  /** Whether its latest request is one without faults. */
  private boolean exempt;

  /** Takes over both connected channels. */
  HopLink(SocketChannel client, SocketChannel server, Selector selector) throws IOException {
    this.client = client;
    this.server = server;
    for (SocketChannel each : new SocketChannel[] {client, server}) {
      each.configureBlocking(false);
      each.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    fromClient = client.register(selector, SelectionKey.OP_READ, this);
    fromServer = server.register(selector, SelectionKey.OP_READ, this);
  }

  boolean isWebSocket() {
    return webSocket;
  }

  void markCut() {
    wasCut = !exempt;
  }

  void resetIfCut() {
    if (wasCut && !exempt) {
      reset();
    }
  }

  /** Reads from one side. */
  void move(SelectionKey key) {
    try {
      if (key == fromClient && key.isReadable()) {
        clientEnded |= client.read(up) < 0;
        look();
      } else if (key == fromServer && key.isReadable()) {
        serverEnded |= server.read(down) < 0;
      }
    } catch (IOException | CancelledKeyException e) {
      close();
    }
  }

  /** A browser sends a request's head at once, after the previous response has arrived. */
  private void look() {
    String head = StandardCharsets.ISO_8859_1.decode(up.duplicate().flip()).toString();
    if (CONTROL.matcher(head).lookingAt()) {
      exempt = true;
    } else if (!webSocket && UPGRADE.matcher(head).find()) {
      webSocket = true;
    }
  }

  /**
   * Forwards what it may, and registers for what it waits for.
   *
   * @return whether the connection continues
   */
  boolean settle(boolean cut) {
    if (!client.isOpen()) {
      return false;
    }
    boolean held = cut && !exempt;
    try {
      if (!held) {
        write(up, server);
        write(down, client);
        if (clientEnded || serverEnded && down.position() == 0) {
          close();
          return false;
        }
      }
      // A client's data is always read, so that a request to the control is recognized.
      fromClient.interestOps(
          read(up, clientEnded) | (!held && down.position() > 0 ? SelectionKey.OP_WRITE : 0));
      fromServer.interestOps(
          held ? 0 : read(down, serverEnded) | (up.position() > 0 ? SelectionKey.OP_WRITE : 0));
      return true;
    } catch (IOException | CancelledKeyException e) {
      close();
      return false;
    }
  }

  private static int read(ByteBuffer buffer, boolean ended) {
    return !ended && buffer.hasRemaining() ? SelectionKey.OP_READ : 0;
  }

  private static void write(ByteBuffer buffer, SocketChannel to) throws IOException {
    if (buffer.position() > 0) {
      to.write(buffer.flip());
      buffer.compact();
    }
  }

  /** Resets both sides, as a firewall ends a connection. */
  void reset() {
    try {
      client.setOption(StandardSocketOptions.SO_LINGER, 0);
      server.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      // It has ended by itself.
    }
    close();
  }

  void close() {
    try {
      client.close();
      server.close();
    } catch (IOException e) {
      // Nothing remains to be written.
    }
  }
}
