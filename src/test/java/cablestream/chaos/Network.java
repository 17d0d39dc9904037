package cablestream.chaos;

import cablestream.support.wire.RawRequest;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The connections from the clients to the bridge. */
final class Network implements AutoCloseable {
  /**
   * Factors by which clients wait longer than in a short run, which has many faults in little time.
   *
   * @param timeouts for the timeout of a request
   * @param pauses for the pause before a repetition
   */
  record Tempo(int timeouts, int pauses) {
    static final Tempo QUICK = new Tempo(1, 1);
  }

  private final FaultProxy streams;
  private final FaultProxy exchanges;
  private final String base;
  private final Tempo tempo;
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
    this(streams, exchanges, base, Tempo.QUICK);
  }

  /**
   * @param base the path where the bridge is deployed
   */
  Network(FaultProxy streams, FaultProxy exchanges, String base, Tempo tempo) {
    this.tempo = tempo;
    this.streams = streams;
    this.exchanges = exchanges;
    this.base = base;
  }

  /** The pause before a request is repeated. */
  int pause(int millis) {
    return millis * tempo.pauses();
  }

  /** A request for a stream. */
  RawRequest stream(Ledger account, String target) {
    return request("GET", streams.port(), account, target)
        .header("Accept", "text/event-stream")
        .timeout(Duration.ofMillis(2_500).multipliedBy(tempo.timeouts()));
  }

  RawRequest poll(Ledger account, String target) {
    return request("GET", exchanges.port(), account, target)
        .header("Accept", "application/json")
        .timeout(Duration.ofSeconds(4).multipliedBy(tempo.timeouts()));
  }

  RawRequest post(Ledger account, String target, String body) {
    return request("POST", exchanges.port(), account, target)
        .header("Content-Type", "text/plain")
        .timeout(Duration.ofSeconds(4).multipliedBy(tempo.timeouts()))
        .body(body);
  }

  private RawRequest request(String method, int port, Ledger account, String target) {
    return RawRequest.of(method, port, base + "/" + target)
        .header("Host", "bridge.example")
        .header("X-Forwarded-For", address(account.session()))
        .header("Cookie", "session=" + account.session());
  }

  /** Each client has its own address (RFC 5737: TEST-NET-3 is reserved for examples). */
  private static String address(int session) {
    return "203.0.%d.%d".formatted(113 + session / 250, 1 + session % 250);
  }

  /** Leaves a connection open for a while without reading it. */
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
