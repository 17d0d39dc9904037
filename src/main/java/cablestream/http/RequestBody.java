package cablestream.http;

import cablestream.session.Refusal;
import cablestream.session.Timers;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Collects a request's body without blocking, at most so many bytes and no longer than so long.
 *
 * <p>Memory grows with what has come, not with what Content-Length promises, and only as far as the
 * budget of all bodies lets it; the first 2 KiB, which most have enough of, are outside of the
 * budget, so that large bodies never keep small ones out. The container calls one method at a time;
 * only the timeout may come at the same time as one of them.
 */
final class RequestBody implements ReadListener {
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final int FIRST = 2 * 1024;
  private static final byte[] NOTHING = {};

  /** Hears once how it went: from a container's thread, or from the pool after the timeout. */
  interface Receiver {
    /** The whole body, maybe empty. */
    void received(byte[] body);

    /** 413 too large, 408 too slow, 400 broken off, 503 no memory for it now. */
    void refused(Refusal refusal);
  }

  private final ServletInputStream in;
  private final int limit;
  private final BodyBudget budget;
  private final Receiver receiver;
  private final AtomicBoolean done = new AtomicBoolean();
  private Timers.Timer deadline;
  private byte[] bytes;
  private int length;

  /** Of the budget. Guarded by this. */
  private int taken;

  private RequestBody(ServletInputStream in, int limit, BodyBudget budget, Receiver receiver) {
    this.in = in;
    this.limit = limit;
    this.budget = budget;
    this.receiver = receiver;
    // One byte more than allowed tells a body that is too large.
    this.bytes = new byte[Math.min(FIRST, limit + 1)];
  }

  /**
   * Begins to read, in the servlet's own method and after the request was made asynchronous.
   *
   * @param limit the most bytes that are taken
   * @param budget what all bodies may take together
   * @param timers set off the timeout
   * @param pool runs what follows from it
   */
  static void read(
      HttpServletRequest request,
      int limit,
      BodyBudget budget,
      Timers timers,
      Executor pool,
      Receiver receiver)
      throws IOException {
    if (request.getContentLengthLong() > limit) {
      receiver.refused(tooLarge(limit));
      return;
    }
    RequestBody body = new RequestBody(request.getInputStream(), limit, budget, receiver);
    body.deadline = timers.after(TIMEOUT.toMillis(), () -> pool.execute(body::timeout));
    body.in.setReadListener(body);
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (!done.get() && in.isReady()) {
      int count = in.read(bytes, length, bytes.length - length);
      if (count < 0) {
        return;
      }
      length += count;
      if (length > limit) {
        refuse(tooLarge(limit));
      } else if (length == bytes.length) {
        grow((int) Math.min(2L * length, limit + 1L));
      }
    }
    if (done.get()) {
      // The container keeps this object as long as the connection.
      bytes = NOTHING;
    }
  }

  private void grow(int size) {
    if (take(size - length)) {
      bytes = Arrays.copyOf(bytes, size);
    } else {
      refuse(new Refusal(503, "too many large bodies arrive at once", 1));
    }
  }

  @Override
  public void onAllDataRead() {
    if (end()) {
      byte[] body = Arrays.copyOf(bytes, length);
      bytes = NOTHING;
      receiver.received(body);
    }
  }

  @Override
  public void onError(Throwable failure) {
    refuse(
        failure instanceof TimeoutException || failure instanceof SocketTimeoutException
            ? tooSlow()
            : new Refusal(400, "the body ended before its time"));
  }

  private void timeout() {
    refuse(tooSlow());
  }

  private void refuse(Refusal refusal) {
    if (end()) {
      receiver.refused(refusal);
    }
  }

  /** Whether this call is the one that ends it. */
  private boolean end() {
    boolean first = done.compareAndSet(false, true);
    if (first) {
      deadline.cancel();
      release();
    }
    return first;
  }

  private synchronized boolean take(int more) {
    boolean granted = !done.get() && budget.take(more);
    taken += granted ? more : 0;
    return granted;
  }

  /** Once, when it is done: nothing is taken after that. */
  private synchronized void release() {
    budget.giveBack(taken);
  }

  private static Refusal tooLarge(int limit) {
    return new Refusal(413, "the body is larger than " + limit + " bytes");
  }

  private static Refusal tooSlow() {
    return new Refusal(408, "the body took too long to arrive");
  }
}
