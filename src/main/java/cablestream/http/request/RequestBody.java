package cablestream.http.request;

import cablestream.browser.Refusal;
import cablestream.concurrent.Timers;
import cablestream.memory.FairShares;
import cablestream.memory.Holder;
import cablestream.memory.Kind;
import cablestream.memory.Weights;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Collects a request's body without blocking, with limits of its size and duration.
 *
 * <p>Memory grows with the bytes received, not with Content-Length, and only as far as the account
 * permits. Each body is a holder of its own: its sender isn't authenticated yet, and may be slow.
 * The container calls one method at a time; only the timeout and an eviction may happen
 * concurrently.
 */
public final class RequestBody implements ReadListener {
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  static final int FIRST = 2 * 1024;
  private static final long FIRST_WEIGHT = FairShares.ENTRY + Weights.ofBytes(FIRST);
  private static final byte[] NOTHING = {};

  /** Called once with the outcome: on a container's thread, or on the pool after the timeout. */
  public interface Receiver {
    /**
     * The whole body, possibly empty.
     *
     * @param holder is charged for the body, and for what it is parsed into, until this returns
     */
    void received(byte[] body, Holder holder);

    /** 413 too large, 408 too slow, 400 incomplete, 503 no memory now. */
    void refused(Refusal refusal);
  }

  private final ServletInputStream in;
  private final String network;
  private final BodyLimit limit;
  private final RequestBodies bodies;
  private final Holder holder;
  private final Receiver receiver;
  private final AtomicBoolean done = new AtomicBoolean();

  /** Null if all of it had arrived before: it then needs no timeout, and is never evicted. */
  private Timers.Timer deadline;

  /** Written by the container's calls and finally by the call that ends it. */
  private volatile byte[] bytes = NOTHING;

  private int length;

  /**
   * @param network the client's network
   * @param bodies all bodies that are being received
   */
  RequestBody(
      ServletInputStream in,
      String network,
      BodyLimit limit,
      RequestBodies bodies,
      Receiver receiver) {
    this.in = in;
    this.network = network;
    this.limit = limit;
    this.bodies = bodies;
    this.receiver = receiver;
    holder = bodies.holder(this);
  }

  String network() {
    return network;
  }

  /**
   * Sets the timeout and starts to read, if there is memory.
   *
   * @param isWhole whether all of it has arrived, so that it waits for nothing
   */
  void begin(boolean isWhole) {
    if (!holder.reserve(Kind.BODY, FIRST_WEIGHT)) {
      receiver.refused(tooMany());
      return;
    }
    // One byte more than allowed reveals a body that is too large.
    bytes = new byte[Math.min(FIRST, limit.bytes() + 1)];
    if (!isWhole) {
      deadline =
          bodies.timers().after(TIMEOUT.toMillis(), () -> bodies.pool().execute(this::timeout));
    }
    in.setReadListener(this);
    arrives();
  }

  private void arrives() {
    if (deadline == null) {
      return;
    }
    bodies.arrives(this, holder.holds(Kind.BODY));
    if (done.get()) {
      bodies.over(this);
    }
  }

  @Override
  public void onDataAvailable() throws IOException {
    byte[] into = bytes;
    while (!done.get() && in.isReady()) {
      int count = in.read(into, length, into.length - length);
      if (count < 0) {
        return;
      }
      length += count;
      if (length > limit.bytes()) {
        refuse(bodies.exceeded(limit));
      } else if (length == into.length) {
        into = grow(into, (int) Math.min(2L * length, limit.bytes() + 1L));
      }
    }
    if (done.get()) {
      forget();
    }
  }

  private byte[] grow(byte[] before, int size) {
    if (holder.reserve(Kind.BODY, Weights.ofBytes(size))) {
      byte[] larger = Arrays.copyOf(before, size);
      bytes = larger;
      holder.release(Kind.BODY, Weights.ofBytes(before.length));
      arrives();
      return larger;
    }
    refuse(tooMany());
    return before;
  }

  /**
   * Released memory must not stay reachable: the container keeps this object with its connection.
   */
  private void forget() {
    bytes = NOTHING;
  }

  @Override
  public void onAllDataRead() {
    if (end()) {
      if (length > FIRST && !holder.reserve(Kind.BODY, Weights.ofBytes(length))) {
        give(tooMany());
        return;
      }
      byte[] body = Arrays.copyOf(bytes, length);
      forget();
      try {
        receiver.received(body, holder);
      } finally {
        holder.close();
      }
    }
  }

  @Override
  public void onError(Throwable failure) {
    refuse(
        failure instanceof TimeoutException || failure instanceof SocketTimeoutException
            ? tooSlow()
            : new Refusal(400, "the body is incomplete"));
  }

  /** Runs on the pool, which may not see the deadline yet, so it is not cancelled here. */
  private void timeout() {
    if (done.compareAndSet(false, true)) {
      bodies.over(this);
      give(tooSlow());
    }
  }

  /** Evicted for another body. Any thread; the receiver is called on the pool. */
  void giveWay() {
    if (end()) {
      release();
      bodies.pool().execute(() -> receiver.refused(tooMany()));
    }
  }

  private void refuse(Refusal refusal) {
    if (end()) {
      give(refusal);
    }
  }

  private void give(Refusal refusal) {
    release();
    receiver.refused(refusal);
  }

  private void release() {
    forget();
    holder.close();
  }

  /** Whether this call, of the container or an eviction, is the one that ends it. */
  private boolean end() {
    boolean first = done.compareAndSet(false, true);
    if (first && deadline != null) {
      deadline.cancel();
      bodies.over(this);
    }
    return first;
  }

  /** The refusal if there is no room now. */
  public static Refusal tooMany() {
    return new Refusal(503, "too many bodies arrive at once", 1);
  }

  private static Refusal tooSlow() {
    return new Refusal(408, "the body took too long to arrive");
  }
}
