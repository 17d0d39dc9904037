package cablestream.hardening;

import cablestream.support.RawWebSocketServer.Peer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A connection of a server that behaves correctly. It confirms each channel except {@code
 * NeverChannel}, sends consecutive {@link #NUMBERS}, and echoes messages to {@code EchoChannel}.
 */
final class CableSession {
  /** Its messages are {@code [n, nanoseconds]}: n from 1, and the time of sending. */
  static final String NUMBERS = "{\"channel\":\"NumbersChannel\"}";

  static final String ECHO = "{\"channel\":\"EchoChannel\"}";

  /** Never confirmed, like a channel that Rails doesn't know. */
  static final String NEVER = "{\"channel\":\"NeverChannel\"}";

  static final int TEXT = 0x81;

  private static final String CLOSE = "88";
  private static final String COMMAND = "81";
  private static final long BETWEEN_NUMBERS_MILLIS = 20;

  private final Peer peer;
  private final ReentrantLock writing = new ReentrantLock();
  private final Set<String> subscribed = new HashSet<>();
  private volatile boolean over;

  CableSession(Peer peer) {
    this.peer = peer;
  }

  /** Upgrades and welcomes. */
  void greet() throws IOException {
    peer.upgrade();
    welcome();
  }

  void welcome() throws IOException {
    say("{\"type\":\"welcome\"}");
  }

  /** Cuts the connection without a close frame. */
  void cut() {
    try {
      peer.close();
    } catch (IOException e) {
      // The bridge has closed the connection.
    }
  }

  /** Executes one command. */
  void obeyOnce() throws IOException {
    String frame = peer.readFrame();
    if (frame.startsWith(CLOSE)) {
      throw new EOFException();
    }
    obey(Json.createReader(new StringReader(command(frame))).readObject());
  }

  /** Executes commands until the connection ends. */
  void obey(Consumer<String> heard) throws IOException {
    try {
      for (String frame = peer.readFrame(); !frame.startsWith(CLOSE); frame = peer.readFrame()) {
        if (!frame.startsWith(COMMAND)) {
          continue; // a pong
        }
        heard.accept(command(frame));
        obey(Json.createReader(new StringReader(command(frame))).readObject());
      }
    } finally {
      over = true;
    }
  }

  private static String command(String frame) {
    byte[] payload = frame.substring(3).getBytes(StandardCharsets.ISO_8859_1);
    return new String(payload, StandardCharsets.UTF_8);
  }

  private void obey(JsonObject command) throws IOException {
    String identifier = command.getString("identifier");
    switch (command.getString("command")) {
      case "subscribe" -> subscribe(identifier);
      case "unsubscribe" -> subscribed.remove(identifier);
      default -> {
        if (identifier.equals(ECHO)) {
          message(ECHO, command.getString("data"));
        }
      }
    }
  }

  private void subscribe(String identifier) throws IOException {
    if (identifier.contains("NeverChannel") || !subscribed.add(identifier)) {
      return;
    }
    say("{\"identifier\":" + quoted(identifier) + ",\"type\":\"confirm_subscription\"}");
    if (identifier.equals(NUMBERS)) {
      CableServer.start("cable-numbers", this::number);
    }
  }

  private void number() {
    try {
      for (long number = 1; !over; number++) {
        message(NUMBERS, "[" + number + "," + System.nanoTime() + "]");
        Thread.sleep(BETWEEN_NUMBERS_MILLIS);
      }
    } catch (IOException | InterruptedException e) {
      // The bridge has closed the connection.
    }
  }

  void message(String identifier, String json) throws IOException {
    say("{\"identifier\":" + quoted(identifier) + ",\"message\":" + json + "}");
  }

  void say(String frame) throws IOException {
    writing.lock();
    try {
      peer.frame(TEXT, frame);
    } finally {
      writing.unlock();
    }
  }

  /** Skipped while something else is being written, which serves as well as a ping. */
  void ping() {
    if (writing.tryLock()) {
      try {
        peer.frame(
            TEXT, "{\"type\":\"ping\",\"message\":" + System.currentTimeMillis() / 1_000 + "}");
      } catch (IOException e) {
        // The bridge has closed the connection.
      } finally {
        writing.unlock();
      }
    }
  }

  static String quoted(String text) {
    return Json.createValue(text).toString();
  }
}
