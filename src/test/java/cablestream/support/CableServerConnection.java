package cablestream.support;

import static org.awaitility.Awaitility.await;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/** The server's side of one connection to an {@link InProcessActionCable}, driven by the test. */
public final class CableServerConnection implements Session.Listener.AutoDemanding {
  private final InProcessActionCable server;
  private final String query;
  private final HttpFields headers;
  private final List<String> frames = new CopyOnWriteArrayList<>();
  private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();
  private final Set<String> subscriptions = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Close> close = new CompletableFuture<>();
  private volatile Session session;

  /** How the other side closed the connection; code 1006 if it sent no close frame. */
  public record Close(int code, String reason) {}

  CableServerConnection(InProcessActionCable server, Request upgrade) {
    this.server = server;
    query = upgrade.getHttpURI().getQuery();
    headers = upgrade.getHeaders().asImmutable();
  }

  // ---- the upgrade request ----

  /** The raw query of the upgrade request; null if there was none. */
  public String query() {
    return query;
  }

  /** A header of the upgrade request; null if there was none. */
  public String header(String name) {
    return headers.get(name);
  }

  /** All values of a header. */
  public List<String> headers(String name) {
    return headers.getValuesList(name);
  }

  /** The names of all headers, in the order of arrival. */
  public List<String> headerNames() {
    return headers.stream().map(field -> field.getName()).toList();
  }

  // ---- received from the other side ----

  /** All text frames received so far. */
  public List<String> frames() {
    return List.copyOf(frames);
  }

  /** The next text frame that hasn't been awaited yet; waits up to 10 s for it. */
  public String awaitFrame() {
    try {
      String next = unread.poll(10, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("No frame came");
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public boolean isSubscribed(String identifier) {
    return subscriptions.contains(identifier);
  }

  /** Waits up to 10 s until a subscription has been confirmed. */
  public CableServerConnection awaitSubscribed(String identifier) {
    await().until(() -> isSubscribed(identifier));
    return this;
  }

  public boolean isOpen() {
    return session != null && session.isOpen();
  }

  /** Waits up to 10 s until the other side closes. */
  public Close awaitClose() {
    await().atMost(Duration.ofSeconds(10)).until(close::isDone);
    return close.join();
  }

  // ---- sent by the server ----

  public CableServerConnection welcome() {
    return say("{\"type\":\"welcome\"}");
  }

  public CableServerConnection ping() {
    return say("{\"type\":\"ping\",\"message\":" + System.currentTimeMillis() / 1000 + "}");
  }

  public CableServerConnection confirm(String identifier) {
    subscriptions.add(identifier);
    return say("{\"identifier\":" + quoted(identifier) + ",\"type\":\"confirm_subscription\"}");
  }

  public CableServerConnection reject(String identifier) {
    return say("{\"identifier\":" + quoted(identifier) + ",\"type\":\"reject_subscription\"}");
  }

  /**
   * @param message JSON
   */
  public CableServerConnection broadcast(String identifier, String message) {
    return say("{\"identifier\":" + quoted(identifier) + ",\"message\":" + message + "}");
  }

  public CableServerConnection disconnect(String reason, boolean reconnect) {
    return say(
        "{\"type\":\"disconnect\",\"reason\":"
            + quoted(reason)
            + ",\"reconnect\":"
            + reconnect
            + "}");
  }

  /** Sends any text unchanged. */
  public CableServerConnection say(String frame) {
    send(frame);
    return this;
  }

  /** Sends any text; the future completes when it has been written. */
  public CompletableFuture<Void> send(String frame) {
    Callback.Completable written = new Callback.Completable();
    session.sendText(frame, written);
    return written;
  }

  /** A text in several WebSocket frames. */
  public CableServerConnection sayInParts(String... parts) {
    for (int i = 0; i < parts.length; i++) {
      Callback.Completable written = new Callback.Completable();
      session.sendPartialText(parts[i], i == parts.length - 1, written);
      written.join();
    }
    return this;
  }

  public CableServerConnection sayInBinary(byte... bytes) {
    session.sendBinary(ByteBuffer.wrap(bytes), Callback.NOOP);
    return this;
  }

  /** Sends a ping frame of the WebSocket protocol, not of Action Cable. */
  public CableServerConnection pingWebSocket(String payload) {
    session.sendPing(ByteBuffer.wrap(payload.getBytes()), Callback.NOOP);
    return this;
  }

  public void close(int code, String reason) {
    session.close(code, reason, Callback.NOOP);
  }

  /** Cuts the connection without a close frame, as when a process is killed. */
  public void cut() {
    session.disconnect();
  }

  // ---- called by Jetty ----

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    server.arrived(this);
  }

  @Override
  public void onWebSocketText(String frame) {
    frames.add(frame);
    try {
      answer(frame);
    } catch (JsonException malformed) {
      // Rails only logs a second subscribe.
    }
    unread.add(frame);
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    close.complete(new Close(code, reason == null ? "" : reason));
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    // The close event follows.
  }

  private void answer(String frame) {
    JsonObject command = Json.createReader(new StringReader(frame)).readObject();
    String identifier = command.getString("identifier", "");
    switch (command.getString("command", "")) {
      case "subscribe" -> subscribe(identifier);
      case "unsubscribe" -> subscriptions.remove(identifier);
      default -> {}
    }
  }

  /** Rails doesn't answer a second subscribe. */
  private void subscribe(String identifier) {
    if (!isSubscribed(identifier)) {
      switch (server.answer()) {
        case CONFIRM -> confirm(identifier);
        case REJECT -> reject(identifier);
        case NOTHING -> {}
      }
    }
  }

  private static String quoted(String text) {
    return Json.createValue(text).toString();
  }
}
