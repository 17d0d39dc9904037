package cablestream.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/** An Action Cable client that sends nothing by itself. */
public final class DemoClient implements Session.Listener, AutoCloseable {
  private final Inbox frames = new Inbox();
  private final Inbox pings = new Inbox();
  private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
  private volatile boolean reading = true;
  private volatile Session session;

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    opened.demand();
  }

  @Override
  public void onWebSocketText(String frame) {
    (frame.startsWith("{\"type\":\"ping\"") ? pings : frames).add(frame);
    if (reading) {
      session.demand();
    }
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    closeCode.complete(code);
    callback.succeed();
  }

  void send(String command, String identifier) {
    sendRaw(
        Json.createObjectBuilder()
            .add("command", command)
            .add("identifier", identifier)
            .build()
            .toString());
  }

  void perform(String identifier, String data) {
    sendRaw(
        Json.createObjectBuilder()
            .add("command", "message")
            .add("identifier", identifier)
            .add("data", data)
            .build()
            .toString());
  }

  void sendRaw(String frame) {
    session.sendText(frame, Callback.NOOP);
  }

  void stopReading() {
    reading = false;
  }

  /** The next frame that isn't a ping. */
  String frame() {
    return frames.poll(10);
  }

  void answersNothingFor(Duration duration) {
    assertThat(frames.pollOrNull(duration.toMillis())).isNull();
  }

  Inbox pings() {
    return pings;
  }

  String subprotocol() {
    return session.getUpgradeResponse().getAcceptedSubProtocol();
  }

  int closeCode() throws Exception {
    return closeCode.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    session.close(1000, null, Callback.NOOP);
  }

  /** Frames in the order of their arrival. */
  static final class Inbox {
    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

    void add(String frame) {
      queue.add(frame);
    }

    boolean isEmpty() {
      return queue.isEmpty();
    }

    String poll(int seconds) {
      String frame = pollOrNull(seconds * 1000L);
      assertThat(frame).as("a frame within %d s", seconds).isNotNull();
      return frame;
    }

    private String pollOrNull(long millis) {
      try {
        return queue.poll(millis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
