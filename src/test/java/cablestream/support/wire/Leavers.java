package cablestream.support.wire;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Callers that hang up while their requests wait. */
public final class Leavers implements AutoCloseable {
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);
  private final AtomicInteger left = new AtomicInteger();
  private final long stayMillis;

  /**
   * @param stayMillis from the request until the caller hangs up
   */
  public Leavers(long stayMillis) {
    this.stayMillis = stayMillis;
  }

  /**
   * Sends a request later, and then hangs up.
   *
   * @param afterMillis from now until the request
   * @param reset whether the connection is reset instead of closed
   */
  public void come(RawRequest request, long afterMillis, boolean reset) {
    threads.schedule(() -> open(request, reset), afterMillis, TimeUnit.MILLISECONDS);
  }

  /** The number of those that have hung up. */
  public int left() {
    return left.get();
  }

  private void open(RawRequest request, boolean reset) {
    try {
      Socket socket = request.open();
      if (reset) {
        socket.setSoLinger(true, 0);
      }
      threads.schedule(
          () -> {
            socket.close();
            return left.incrementAndGet();
          },
          stayMillis,
          TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
