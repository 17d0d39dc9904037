package cablestream.chaos;

import cablestream.support.wire.RawRequest;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The ways from the clients to the bridge. */
final class Network implements AutoCloseable {
  private final FaultProxy streams;
  private final FaultProxy exchanges;
  private final String base;
  private final ScheduledExecutorService abandoned =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "abandoned-sockets");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param base the path where the bridge is deployed
   */
  Network(FaultProxy streams, FaultProxy exchanges, String base) {
    this.streams = streams;
    this.exchanges = exchanges;
    this.base = base;
  }

  /** A request for a stream. */
  RawRequest stream(Ledger account, String target) {
    return request("GET", streams.port(), account, target)
        .header("Accept", "text/event-stream")
        .timeout(Duration.ofMillis(2_500));
  }

  RawRequest poll(Ledger account, String target) {
    return request("GET", exchanges.port(), account, target)
        .header("Accept", "application/json")
        .timeout(Duration.ofSeconds(4));
  }

  RawRequest post(Ledger account, String target, String body) {
    return request("POST", exchanges.port(), account, target)
        .header("Content-Type", "text/plain")
        .timeout(Duration.ofSeconds(4))
        .body(body);
  }

  private RawRequest request(String method, int port, Ledger account, String target) {
    return RawRequest.of(method, port, base + "/" + target)
        .header("Host", "bridge.example")
        .header("Cookie", "session=" + account.session());
  }

  /** Leaves a connection open for a while, and reads no more of it. */
  void abandon(Socket socket, int millis) {
    abandoned.schedule(() -> close(socket), millis, TimeUnit.MILLISECONDS);
  }

  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed already.
    }
  }

  @Override
  public void close() {
    abandoned.shutdownNow();
  }
}
