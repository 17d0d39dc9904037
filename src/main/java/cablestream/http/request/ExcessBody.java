package cablestream.http.request;

import cablestream.concurrent.Timers;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads and discards a body that is refused for its length, before it is refused. Otherwise the
 * container closes the connection while the rest arrives, and the response may be lost (RFC 9112,
 * 9.6): Apache, which reads no response before it has passed on the body, answers 502 instead.
 */
final class ExcessBody implements ReadListener {
  /** The largest body that is read: as many bytes as Tomcat swallows by default. */
  static final int MAX_LENGTH = 2 << 20;

  /** How long the body may take: an honest sender has begun to send it. */
  static final Duration TIMEOUT = Duration.ofSeconds(3);

  /** Written by all, and never read. */
  private static final byte[] DISCARDED = new byte[8 * 1024];

  private final ServletInputStream in;
  private final Runnable refuse;
  private final AtomicBoolean done = new AtomicBoolean();
  private final Timers.Timer deadline;

  /**
   * Starts to read, in the servlet's own method.
   *
   * @param refuse is called once: when the body is complete, has broken off or takes too long
   */
  ExcessBody(ServletInputStream in, Runnable refuse, Timers timers, Executor pool) {
    this.in = in;
    this.refuse = refuse;
    deadline = timers.after(TIMEOUT.toMillis(), () -> pool.execute(this::timeout));
    in.setReadListener(this);
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (!done.get() && in.isReady()) {
      if (in.read(DISCARDED, 0, DISCARDED.length) < 0) {
        return;
      }
    }
  }

  @Override
  public void onAllDataRead() {
    end();
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  /** Runs on the pool, which may not see the deadline yet, so it is not cancelled here. */
  private void timeout() {
    if (done.compareAndSet(false, true)) {
      refuse.run();
    }
  }

  private void end() {
    if (done.compareAndSet(false, true)) {
      deadline.cancel();
      refuse.run();
    }
  }
}
