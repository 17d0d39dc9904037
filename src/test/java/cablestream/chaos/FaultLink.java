package cablestream.chaos;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One connection through a {@link FaultProxy}; confined to its thread. */
final class FaultLink {
  private static final int BUFFER = 16 * 1024;
  private static final int MAX_ROUNDS = 8;

  private final FaultProxy proxy;
  private final FaultPlan plan;
  private final Way down;
  private final Way up;
  private final SelectionKey near;
  private final SelectionKey far;
  private boolean struck;
  private boolean over;

  /** One direction. */
  private final class Way {
    final SocketChannel from;
    final SocketChannel to;
    final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).flip();
    long passed;

    /** Paused for a moment. */
    boolean paused;

    /** Stopped for good, by a fault. */
    boolean stopped;

    boolean ended;
    boolean done;

    Way(SocketChannel from, SocketChannel to) {
      this.from = from;
      this.to = to;
    }

    boolean wantsToRead() {
      return !paused && !stopped && !ended && !buffer.hasRemaining();
    }

    boolean wantsToWrite() {
      return !paused && !stopped && buffer.hasRemaining();
    }

    void pump() throws IOException {
      for (int i = 0; i < MAX_ROUNDS && !over && !paused && !stopped && !done; i++) {
        if (!buffer.hasRemaining() && !ended) {
          read();
        }
        if (!buffer.hasRemaining()) {
          finish();
          return;
        }
        if (!write()) {
          return;
        }
      }
    }

    private void read() throws IOException {
      buffer.clear();
      ended = from.read(buffer) < 0;
      buffer.flip();
    }

    /** Passes on what the plan allows; false if nothing more can be written now. */
    private boolean write() throws IOException {
      int max = allowed(this);
      if (max == 0) {
        strike();
        return false;
      }
      if (plan.jitter() && !proxy.isCalm()) {
        max = Math.min(max, 1 + proxy.random().nextInt(1_500));
      }
      int limit = buffer.limit();
      buffer.limit(buffer.position() + max);
      int written = to.write(buffer);
      buffer.limit(limit);
      passed += written;
      if (plan.jitter() && !proxy.isCalm()) {
        pause(proxy.random().nextInt(4_000_000));
      }
      return written == max;
    }

    private void finish() throws IOException {
      if (ended && !done) {
        done = true;
        to.shutdownOutput();
      }
    }

    void pause(long nanos) {
      paused = true;
      proxy.after(nanos, this::resume);
    }

    private void resume() {
      paused = false;
      FaultLink.this.pump();
    }
  }

  /**
   * @param near the end that connected
   * @param far the end to which the proxy connected
   */
  FaultLink(FaultProxy proxy, SocketChannel near, SocketChannel far, FaultPlan plan)
      throws IOException {
    this.proxy = proxy;
    this.plan = plan;
    down = new Way(far, near);
    up = new Way(near, far);
    this.near = near.register(proxy.selector(), 0, this);
    this.far = far.register(proxy.selector(), 0, this);
  }

  /** Passes on what is available, and sets the interests. */
  void pump() {
    if (over) {
      return;
    }
    try {
      down.pump();
      up.pump();
      if (down.done && up.done) {
        close();
      } else if (!over) {
        near.interestOps(interest(up, down));
        far.interestOps(interest(down, up));
      }
    } catch (IOException e) {
      reset();
    }
  }

  private static int interest(Way reading, Way writing) {
    return (reading.wantsToRead() ? SelectionKey.OP_READ : 0)
        | (writing.wantsToWrite() ? SelectionKey.OP_WRITE : 0);
  }

  /**
   * Stops all faults: silent and half-closed connections are closed, so that their ends reconnect.
   */
  void calmDown() {
    if (struck && plan.kind() != FaultKind.STALLED) {
      reset();
    }
  }

  void reset() {
    if (!over) {
      over = true;
      FaultProxy.reset(down.to);
      FaultProxy.reset(up.to);
    }
  }

  private void close() throws IOException {
    over = true;
    down.to.close();
    up.to.close();
  }

  /** How many of the buffered bytes may pass before the planned fault; 0 if it is due. */
  private int allowed(Way way) {
    int waiting = way.buffer.remaining();
    FaultKind kind = plan.kind();
    Way watched = kind == FaultKind.REQUEST_LOST ? up : down;
    if (kind == null || struck || way != watched || proxy.isCalm()) {
      return waiting;
    }
    long left = plan.after() - way.passed;
    if (kind == FaultKind.CUT_IN_CHARACTER) {
      return withinCharacter(way.buffer, Math.max(0, left));
    }
    return (int) Math.min(waiting, Math.max(0, left));
  }

  /** The bytes up to the next one that continues a character, or all that are available. */
  static int withinCharacter(ByteBuffer bytes, long from) {
    int count = (int) Math.min(from, bytes.remaining());
    while (count < bytes.remaining() && (bytes.get(bytes.position() + count) & 0xC0) != 0x80) {
      count++;
    }
    return count;
  }

  private void strike() throws IOException {
    struck = true;
    proxy.happened(plan.kind());
    long nanos = plan.millis() * 1_000_000L;
    switch (plan.kind()) {
      case RESET, CUT_IN_CHARACTER, ANSWER_LOST, REQUEST_LOST -> reset();
      case HALF_CLOSED -> {
        down.to.shutdownOutput();
        stop();
        proxy.after(nanos, this::reset);
      }
      case HALF_CLOSED_BACK -> {
        up.to.shutdownOutput();
        up.stopped = true;
        proxy.after(nanos, this::reset);
      }
      case STALLED -> down.pause(nanos);
      default -> {
        stop();
        proxy.after(nanos, this::reset);
      }
    }
  }

  private void stop() {
    down.stopped = true;
    up.stopped = true;
  }
}
