package cablestream.chaos;

import cablestream.support.ServerSocketFrames;
import cablestream.support.ServerSocketFrames.Frame;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;

/**
 * One connection of the {@link NumberingServer}: a thread that reads, and one that writes. It sends
 * welcome, pings, confirmations and rejections as Rails does, and ignores a repeated subscribe.
 */
final class NumberingCable {
  private static final byte[] REFUSAL =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private static final byte[] NOT_FOUND =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final NumberingServer server;
  private final Socket socket;
  private final Random random;

  // Guarded by this.
  private final Queue<String> asked = new ArrayDeque<>();
  private boolean closed;

  /** When the subscription was confirmed or, before that, the connection accepted. */
  private volatile long since = System.nanoTime();

  NumberingCable(NumberingServer server, Socket socket, Random random) {
    this.server = server;
    this.socket = socket;
    this.random = random;
  }

  void start() {
    NumberingServer.start("cable-reader", this::read);
  }

  /** Closes the connection without a frame. */
  void cut() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed already.
    }
  }

  // ---- the reading thread ----

  private void read() {
    try {
      NumberingServer.Reception reception = server.reception();
      if (reception == NumberingServer.Reception.CLOSED) {
        return;
      }
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      String request = ServerSocketFrames.readHead(in);
      if (reception == NumberingServer.Reception.REFUSED) {
        socket.getOutputStream().write(NOT_FOUND);
        return;
      }
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 16 * 1024);
      NumberingFlow flow = new NumberingFlow(server, this, out, random);
      if (!flow.misfortune(FaultKind.REFUSED, 40)) {
        out.write(ServerSocketFrames.upgrade(request));
        out.flush();
        NumberingServer.start("cable-writer", flow::run);
        for (Frame frame = ServerSocketFrames.read(in);
            frame.opcode() != ServerSocketFrames.CLOSE;
            frame = ServerSocketFrames.read(in)) {
          if (frame.opcode() == ServerSocketFrames.TEXT) {
            obey(frame.text());
          }
        }
      } else {
        out.write(REFUSAL);
        out.flush();
      }
    } catch (IOException e) {
      // It broke, as this test intends.
    } finally {
      cut();
      server.left(this);
    }
  }

  private void obey(String text) {
    JsonObject command = parse(text);
    String identifier = command.getString("identifier");
    if (command.getString("command").equals("subscribe")) {
      synchronized (this) {
        asked.add(identifier);
        notifyAll();
      }
    } else if (command.getString("command").equals("message")) {
      int session = parse(identifier).getInt("session");
      long number = parse(command.getString("data")).getJsonNumber("c").longValue();
      server.account(session).commands().carriedOut(number, since);
    }
  }

  static JsonObject parse(String json) {
    return Json.createReader(new StringReader(json)).readObject();
  }

  // ---- for the writing thread ----

  /** From now on commands belong to this subscription. */
  void confirmed() {
    since = System.nanoTime();
  }

  /** The identifier of a subscribe that hasn't been answered; null for none. */
  synchronized String next() {
    return asked.poll();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Waits until the time is over, a subscribe arrives, or the connection is closed. */
  synchronized void await(long millis) {
    long end = System.nanoTime() + millis * 1_000_000;
    try {
      long left = millis;
      while (left > 0 && !closed && asked.isEmpty()) {
        wait(left);
        left = (end - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException e) {
      closed = true;
    }
  }
}
